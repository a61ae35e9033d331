from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from delineate.core.errors import DataError, SplitError, UsageError
from delineate.dataset.case import Case, Dataset
from delineate.dataset.fingerprint import CaseFingerprint, Fingerprint
from delineate.dataset.split import Split, Splits, refuse_near, split_dataset


def data(*groups: str, label: bool = True) -> Dataset:
    """A case per group named; a group may come several times."""
    cases = tuple(
        Case(name=f"c{i:03d}", images=(Path("x"),), label=Path("y") if label else None, group=g)
        for i, g in enumerate(groups)
    )
    return Dataset(root=Path(), layout="", channels=("image",), cases=cases)


def finger(made: Dataset, sizes: Sequence[Sequence[int]]) -> Fingerprint:
    """``sizes[case][class]`` voxels."""
    cases = tuple(
        CaseFingerprint(
            name=case.name, shape=(1, 1, 1), spacing_mm=(1.0, 1.0, 1.0), crop_start=(0, 0, 0), crop_shape=(1, 1, 1),
            class_voxels=tuple(voxels), content="",
        )
        for case, voxels in zip(made.cases, sizes, strict=True)
    )  # fmt: skip
    return Fingerprint(cases=cases, channels=(), class_names=tuple(f"class {k}" for k in range(len(sizes[0]))))


def folds_of(made: Dataset, folds: int | None = None, seed: int = 0) -> tuple[Split, ...]:
    return split_dataset(made, folds, seed).folds


def test_every_case_is_validated_once_and_patients_stay_together() -> None:
    made = data(*(f"p{i % 13}" for i in range(40)))
    group = {c.name: c.group for c in made.cases}
    splits = folds_of(made, 5, seed=3)
    assert len(splits) == 5
    assert sorted(n for s in splits for n in s.validation) == sorted(group)
    for split in splits:
        assert set(split.train) | set(split.validation) == set(group)
        assert not {group[n] for n in split.train} & {group[n] for n in split.validation}
        assert 5 <= len(split.validation) <= 11


def test_the_seed_decides_and_the_order_of_cases_does_not() -> None:
    made = data(*(f"p{i}" for i in range(20)))
    turned = made.model_copy(update={"cases": made.cases[::-1]})
    assert folds_of(made, seed=1) == folds_of(turned, seed=1)
    assert folds_of(made, seed=1) != folds_of(made, seed=2)


@pytest.mark.parametrize("patients", [2, 3, 4, 5])
def test_few_patients_are_held_out_one_by_one(patients: int) -> None:
    splits = folds_of(data(*(f"p{i}" for i in range(patients)), "p0"), 5)
    assert len(splits) == patients
    assert sorted(len(s.validation) for s in splits) == [1] * (patients - 1) + [2]


def test_four_patients_ignore_the_number_of_folds() -> None:
    assert len(folds_of(data("a", "b", "c", "d"), 2)) == 4


def test_one_patient_is_told(tmp_path: Path) -> None:
    splits = split_dataset(data("a", "a"))
    assert splits.folds[0].train == splits.folds[0].validation == ("c000", "c001")
    assert "one patient only" in splits.note
    splits.save(tmp_path / "splits.json")
    assert Splits.load(tmp_path / "splits.json") == splits


def test_refusals() -> None:
    with pytest.raises(UsageError):
        folds_of(data("a", "b"), 1)
    with pytest.raises(DataError):
        folds_of(data("a", "b", label=False))


@pytest.mark.parametrize(("patients", "folds"), [(99, 5), (100, 10)])
def test_many_patients_are_divided_into_more_folds(patients, folds):
    made = data(*(f"p{i}" for i in range(patients)))
    assert len(folds_of(made)) == folds
    assert len(folds_of(made, 5)) == 5


def test_a_rare_class_is_spread_over_the_folds() -> None:
    made = data(*(f"p{i}" for i in range(50)))
    sizes = finger(made, [(100 + i, int(i < 5)) for i in range(50)])
    for seed in range(5):
        splits = split_dataset(made, 5, seed, finger=sizes)
        rare = {c.name for c in made.cases[:5]}
        assert [len(rare & set(s.validation)) for s in splits.folds] == [1] * 5
        assert [len(s.validation) for s in splits.folds] == [10] * 5
        assert "alike in classes and sizes" in splits.note


def test_a_class_of_one_patient_is_told() -> None:
    made = data(*(f"p{i}" for i in range(20)))
    splits = split_dataset(made, 5, finger=finger(made, [(9, int(i == 3)) for i in range(20)]))
    (fold,) = [k for k, s in enumerate(splits.folds) if "c003" in s.validation]
    assert f"fold {fold} trains without class 1" in splits.note


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_a_hold_out_is_one_fold_of_about_its_share(share: float) -> None:
    made = data(*(f"p{i // 2}" for i in range(40)))
    (fold,) = split_dataset(made, holdout=share, finger=finger(made, [(i,) for i in range(40)])).folds
    assert len(fold.validation) == pytest.approx(40 * share, abs=2)
    assert sorted((*fold.train, *fold.validation)) == sorted(c.name for c in made.cases)
    group = {c.name: c.group for c in made.cases}
    assert not {group[n] for n in fold.train} & {group[n] for n in fold.validation}


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_no_side_of_a_hold_out_is_empty(share: float) -> None:
    (fold,) = split_dataset(data("a", "b"), holdout=share).folds
    assert len(fold.train) == len(fold.validation) == 1


def test_folds_and_a_hold_out_contradict_each_other() -> None:
    with pytest.raises(UsageError, match="hold-out"):
        split_dataset(data("a", "b"), 5, holdout=0.2)


def test_copies_on_both_sides_are_refused_by_name_and_others_are_not() -> None:
    fold = Split(train=("a", "b"), validation=("c", "d"))
    splits = Splits(folds=(fold,), note="")
    refuse_near(splits, [("a", "b"), ("c", "d")])
    with pytest.raises(SplitError, match="a and d; c and b"):
        refuse_near(splits, [("a", "d"), ("a", "b"), ("c", "b")])
