from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.listing import find_listing


@pytest.mark.parametrize("mark", [" ", "\t", ", "])
def test_names_by_folder_and_blank_lines(mark: str, touch: Callable[..., Path]) -> None:
    root = touch("1/T1.nii.gz", "1/seg.nii.gz", "2/T1.nii.gz", "2/seg.nii.gz", "README.txt")
    (root / "list.txt").write_text(f"# mine\n1/T1.nii.gz{mark}1/seg.nii.gz\n\n2/T1.nii.gz{mark}2/seg.nii.gz\n")
    for path in (root, root / "list.txt"):
        data = find_listing(path)
        assert data is not None
        assert [c.name for c in data.cases] == ["1-T1", "2-T1"]
        assert data.cases[1].label == root / "2/seg.nii.gz"


def test_several_channels(touch: Callable[..., Path]) -> None:
    root = touch("1/flair.nii.gz", "1/t1.nii.gz", "1/seg.nii.gz")
    (root / "list.txt").write_text("1/flair.nii.gz 1/t1.nii.gz 1/seg.nii.gz")
    data = find_listing(root)
    assert data is not None
    assert data.channels == ("FLAIR", "T1")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a.png\n", "case 1 has 1 paths"),
        ("a.png b.png\nb.png\n", "case 2 has 1 paths"),
        ("a.png gone.png\n", "gone.png"),
        ("a.png b.png\na.png b.png\n", "listed twice"),
        ("some words\n", "not a list"),
    ],
)
def test_refusals(text: str, told: str, touch: Callable[..., Path]) -> None:
    root = touch("a.png", "b.png")
    (root / "list.txt").write_text(text)
    with pytest.raises(LayoutError, match=told):
        find_listing(root / "list.txt")


def test_two_lists_are_ambiguous(touch: Callable[..., Path]) -> None:
    root = touch("a.png", "b.png")
    for name in ("train.txt", "val.txt"):
        (root / name).write_text("a.png b.png")
    with pytest.raises(LayoutError, match=r"train\.txt, val\.txt"):
        find_listing(root)
