"""Test cases have no part in training; patients stay on one side."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.dataset.case import Case, Dataset
from delineate.dataset.fingerprint import CaseFingerprint, Fingerprint
from delineate.dataset.split import split_dataset
from delineate.dataset.trial import make_trials


def data(cases: int, per_patient: int = 1) -> Dataset:
    made = tuple(
        Case(name=f"c{i:02}", images=(Path(f"c{i}"),), label=Path(f"l{i}"), group=f"p{i // per_patient}")
        for i in range(cases)
    )
    return Dataset(root=Path(), layout="folders", channels=("CT",), cases=made)


@pytest.mark.parametrize(("cases", "per_patient"), [(30, 1), (30, 3), (3, 1), (12, 6)])
def test_test_cases_are_seen_nowhere_else_and_each_is_tested_once(cases, per_patient):
    whole = data(cases, per_patient)
    patient = {c.name: c.group for c in whole.cases}
    trials = make_trials(whole, split_dataset(whole, 5, 0), 0)
    tested = [name for t in trials.folds for name in t.test]
    assert sorted(tested) == sorted(patient)
    for t in trials.folds:
        seen = {patient[n] for n in (*t.train, *t.validation)}
        assert not seen & {patient[n] for n in t.test}
        assert {*t.train, *t.validation, *t.test} == set(patient)


def test_validation_cases_are_not_trained_on_where_two_patients_are_left():
    whole = data(30, 3)
    for t in make_trials(whole, split_dataset(whole, 5, 0), 0).folds:
        assert t.validation and not set(t.train) & set(t.validation)


def test_one_patient_left_is_told():
    whole = data(4, 2)
    trials = make_trials(whole, split_dataset(whole, 5, 0), 0)
    assert all(t.train == t.validation for t in trials.folds)
    assert "in 2 folds one patient is left" in trials.note


def test_the_same_seed_gives_the_same_trials_and_another_does_not():
    whole = data(30)
    outer = split_dataset(whole, 5, 0)
    assert make_trials(whole, outer, 0) == make_trials(whole, outer, 0)
    assert make_trials(whole, outer, 0) != make_trials(whole, outer, 1)


def test_the_validation_part_is_like_the_whole():
    """Ten of fifty cases have a second class: of the eight that each fold keeps, two are validated on."""
    whole = data(50)
    sizes = Fingerprint(
        cases=tuple(
            CaseFingerprint(
                name=c.name, shape=(1, 1, 1), spacing_mm=(1.0, 1.0, 1.0), crop_start=(0, 0, 0), crop_shape=(1, 1, 1),
                class_voxels=(100 + i, int(i < 10)), content="",
            )
            for i, c in enumerate(whole.cases)
        ),
        channels=(), class_names=("organ", "tumour"),
    )  # fmt: skip
    rare = {c.name for c in whole.cases[:10]}

    def shares(finger: Fingerprint | None) -> list[int]:
        trials = [make_trials(whole, split_dataset(whole, 5, s, finger=sizes), s, finger) for s in range(4)]
        return [len(rare & set(t.validation)) for made in trials for t in made.folds]

    assert set(shares(sizes)) <= {1, 2}
    assert min(shares(None)) == 0, "by chance alone some fold would be judged without the class"


def test_training_hears_nothing_of_the_test_cases():
    whole = data(10)
    trials = make_trials(whole, split_dataset(whole, 5, 0), 0)
    for split, trial in zip(trials.for_training.folds, trials.folds, strict=True):
        assert (split.train, split.validation) == (trial.train, trial.validation)
        assert not {*split.train, *split.validation} & set(trial.test)
