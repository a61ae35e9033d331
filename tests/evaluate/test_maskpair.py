"""Predictions and truths brought together by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.evaluate.maskpair import MaskPair, pair_files


@pytest.fixture
def touch(tmp_path: Path) -> Callable[..., Path]:
    """``touch("guess", "a.nii", ...)``: empty files in a folder."""

    def make(folder: str, *names: str) -> Path:
        (tmp_path / folder).mkdir(exist_ok=True)
        for name in names:
            (tmp_path / folder / name).touch()
        return tmp_path / folder

    return make


def test_suffixes_do_not_matter_and_other_files_are_no_masks(touch: Callable[..., Path]) -> None:
    guess = touch("guess", "b.nii", "a.png", "notes.txt", ".hidden.nii")
    truth = touch("truth", "a.png", "b.nii.gz", "dataset.json")
    assert pair_files(guess, truth) == (
        (MaskPair("a", guess / "a.png", truth / "a.png"), MaskPair("b", guess / "b.nii", truth / "b.nii.gz")), ()
    )  # fmt: skip


def test_missing_ones_are_kept_and_extra_ones_left_out(touch: Callable[..., Path]) -> None:
    guess, truth = touch("guess", "a.png", "z.png"), touch("truth", "a.png", "b.png", "c.png")
    pairs, notes = pair_files(guess, truth)
    assert [(p.case, p.prediction and p.prediction.name) for p in pairs] == [("a", "a.png"), ("b", None), ("c", None)]
    assert notes[0].startswith("2 cases") and notes[0].endswith("b, c")
    assert notes[1].startswith("1 case in") and notes[1].endswith("z")
    assert pairs[1].files == (truth / "b.png",)


@pytest.mark.parametrize(
    ("guess", "truth"), [((), ()), ((), ("a.png",)), (("a.png",), ()), (("a_pred.png",), ("a.png",))]
)
def test_nothing_in_common_is_refused(
    touch: Callable[..., Path], guess: tuple[str, ...], truth: tuple[str, ...]
) -> None:
    with pytest.raises(LayoutError, match=r"no mask in .*guess"):
        pair_files(touch("guess", *guess), touch("truth", *truth))


def test_nowhere_and_twice(touch: Callable[..., Path]) -> None:
    guess, truth = touch("guess", "a.nii", "a.nii.gz"), touch("truth", "a.nii.gz")
    with pytest.raises(LayoutError, match="two masks named a"):
        pair_files(guess, truth)
    with pytest.raises(LayoutError, match="does not exist"):
        pair_files(guess / "nowhere", truth)
