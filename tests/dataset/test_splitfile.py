"""Folds from files: ours and nnU-Net's, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delineate.core.errors import SplitError
from delineate.dataset.case import Case, Dataset
from delineate.dataset.split import split_dataset
from delineate.dataset.splitfile import read_splits


@pytest.fixture
def data() -> Dataset:
    """Four cases; b and c are of one patient."""
    groups = {"a": "p1", "b": "p2", "c": "p2", "d": "p3"}
    cases = tuple(Case(name=n, images=(Path("x"),), label=Path("y"), group=g) for n, g in groups.items())
    return Dataset(root=Path("data"), layout="", channels=("image",), cases=cases)


def written(folder: Path, held: object) -> Path:
    path = folder / "splits.json"
    path.write_text(held if isinstance(held, str) else json.dumps(held))
    return path


def test_ours_come_back_as_they_were_written(data: Dataset, tmp_path: Path) -> None:
    made = split_dataset(data)
    made.save(tmp_path / "s.json")
    assert read_splits(tmp_path / "s.json", data).folds == made.folds


def test_those_of_nnunet(data: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, [{"train": ["a", "d"], "val": ["c", "b"]}, {"train": ["b", "c", "d"], "val": ["a"]}])
    made = read_splits(path, data)
    assert [f.validation for f in made.folds] == [("b", "c"), ("a",)]
    assert "2 folds of splits.json" in made.note


def test_one_fold_with_suffixes(data: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, {"train": ["a.nii.gz", "d.nii.gz"], "validation": ["b.nii.gz", "c.nii.gz"]})
    (fold,) = read_splits(path, data).folds
    assert (fold.train, fold.validation) == (("a", "d"), ("b", "c"))


@pytest.mark.parametrize(
    ("train", "validation", "told"),
    [
        (["a", "d", "ghost"], ["b", "c"], "fold 0: not in the data: ghost"),
        (["a"], ["b", "c"], "fold 0: in neither side: d"),
        (["a", "d", "a"], ["b", "c"], "fold 0: named twice: a"),
        (["a", "d", "b"], ["b", "c"], "fold 0: to train on and to validate on: b"),
        (["a", "d", "b"], ["c"], "fold 0: patients on both sides: p2"),
    ],
)
def test_what_is_wrong_is_told_by_name(
    data: Dataset, tmp_path: Path, train: list[str], validation: list[str], told: str
) -> None:
    with pytest.raises(SplitError) as caught:
        read_splits(written(tmp_path, [{"train": train, "val": validation}]), data)
    assert caught.value.what.splitlines()[1:] == [f"  {told}"]


@pytest.mark.parametrize(
    "held",
    [
        "",
        "[]",
        "{}",
        "3",
        '["a"]',
        '[{"train": ["a"]}]',
        '[{"train": "a", "val": "b"}]',
        '[{"train": [1], "val": [2]}]',
    ],
)
def test_files_that_hold_no_folds(data: Dataset, tmp_path: Path, held: str) -> None:
    with pytest.raises(SplitError, match=r"splits\.json"):
        read_splits(written(tmp_path, held), data)
    with pytest.raises(SplitError, match="cannot be read"):
        read_splits(tmp_path / "nowhere.json", data)


def test_cases_that_a_limit_leaves_out_are_taken_out_of_the_folds(data: Dataset, tmp_path: Path) -> None:
    path = written(tmp_path, [{"train": ["e.nii.gz", "a", "d"], "val": ["f", "c", "b"]}])
    made = read_splits(path, data, left_out=("e", "f"))
    assert made.folds[0].train == ("a", "d") and made.folds[0].validation == ("b", "c")
    assert "limit_cases leaves 2 cases of the file out" in made.note
    with pytest.raises(SplitError, match="not in the data: f"):
        read_splits(path, data, left_out=("e",))


def test_a_limit_that_empties_a_side_is_told_with_the_least_that_will_do(data: Dataset, tmp_path: Path) -> None:
    """Cases stand in the order a, b, c, d, e, f; fold 1 validates on e and f only, and fold 2 on f."""
    path = written(
        tmp_path,
        [
            {"train": ["b", "c", "d", "e", "f"], "val": ["a"]},
            {"train": ["a", "b", "c", "d"], "val": ["f", "e"]},
            {"train": ["a", "b", "c", "d", "e"], "val": ["f"]},
        ],
    )
    with pytest.raises(SplitError) as told:
        read_splits(path, data, left_out=("e", "f"))
    assert "fold 1, 2 of" in told.value.what and "limit_cases=6 is the least" in told.value.fix
