from __future__ import annotations

from pathlib import Path

import pytest

from delineate.core.errors import DataError, UsageError
from delineate.dataset.case import Case, Dataset
from delineate.dataset.split import Splits, make_splits, split_dataset


def data(*groups: str, label: bool = True) -> Dataset:
    """A case per group named; a group may come several times."""
    cases = tuple(
        Case(name=f"c{i:03d}", images=(Path("x"),), label=Path("y") if label else None, group=g)
        for i, g in enumerate(groups)
    )
    return Dataset(root=Path(), layout="", channels=("image",), cases=cases)


def test_every_case_is_validated_once_and_patients_stay_together() -> None:
    made = data(*(f"p{i % 13}" for i in range(40)))
    group = {c.name: c.group for c in made.cases}
    splits = make_splits(made, 5, seed=3)
    assert len(splits) == 5
    assert sorted(n for s in splits for n in s.validation) == sorted(group)
    for split in splits:
        assert set(split.train) | set(split.validation) == set(group)
        assert not {group[n] for n in split.train} & {group[n] for n in split.validation}
        assert 5 <= len(split.validation) <= 11


def test_the_seed_decides_and_the_order_of_cases_does_not() -> None:
    made = data(*(f"p{i}" for i in range(20)))
    turned = made.model_copy(update={"cases": made.cases[::-1]})
    assert make_splits(made, seed=1) == make_splits(turned, seed=1)
    assert make_splits(made, seed=1) != make_splits(made, seed=2)


@pytest.mark.parametrize("patients", [2, 3, 4, 5])
def test_few_patients_are_held_out_one_by_one(patients: int) -> None:
    splits = make_splits(data(*(f"p{i}" for i in range(patients)), "p0"), 5)
    assert len(splits) == patients
    assert sorted(len(s.validation) for s in splits) == [1] * (patients - 1) + [2]


def test_four_patients_ignore_the_number_of_folds() -> None:
    assert len(make_splits(data("a", "b", "c", "d"), 2)) == 4


def test_one_patient_is_told(tmp_path: Path) -> None:
    splits = split_dataset(data("a", "a"))
    assert splits.folds[0].train == splits.folds[0].validation == ("c000", "c001")
    assert "one patient only" in splits.note
    splits.save(tmp_path / "splits.json")
    assert Splits.load(tmp_path / "splits.json") == splits


def test_refusals() -> None:
    with pytest.raises(UsageError):
        make_splits(data("a", "b"), 1)
    with pytest.raises(DataError):
        make_splits(data("a", "b", label=False))


@pytest.mark.parametrize(("patients", "folds"), [(99, 5), (100, 10)])
def test_many_patients_are_divided_into_more_folds(patients, folds):
    made = data(*(f"p{i}" for i in range(patients)))
    assert len(make_splits(made)) == folds
    assert len(make_splits(made, 5)) == 5
