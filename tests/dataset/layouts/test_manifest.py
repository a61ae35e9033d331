from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.manifest import find_manifest

FILES = ("a.nii.gz", "b.nii.gz", "s/a.nii.gz")


def test_channels_names_and_patients(touch: Callable[..., Path]) -> None:
    root = touch(*FILES)
    (root / "x.csv").write_text("Case;flair_path;t1_path;Mask path;patient\none;a.nii.gz;b.nii.gz;s/a.nii.gz;P7\n")
    data = find_manifest(root / "x.csv")
    assert data is not None
    assert data.channels == ("FLAIR", "T1")
    case = data.cases[0]
    assert (case.name, case.group, case.label) == ("one", "P7", root / "s/a.nii.gz")
    assert case.images == (root / "a.nii.gz", root / "b.nii.gz")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image,label\na.nii.gz,\n", "row 2: label"),
        ("image,label\na.nii.gz,s/a.nii.gz\nb.nii.gz,\n", "row 3: label"),
        ("image,label\n,s/a.nii.gz\n,s/a.nii.gz\n", "none"),
        ("image,label\na.nii.gz,gone.nii.gz\n", "gone.nii.gz"),
        ("image,mask,label\na.nii.gz,b.nii.gz,s/a.nii.gz\n", "label paths in mask, label"),
        ("image,label\n", "no rows"),
        ("image,label\na.nii.gz\n", "row 2 has 1 values"),
    ],
)
def test_refusals(text: str, told: str, touch: Callable[..., Path]) -> None:
    root = touch(*FILES)
    (root / "manifest.csv").write_text(text)
    with pytest.raises(LayoutError, match=told):
        find_manifest(root)


def test_a_table_of_patients_is_not_a_manifest(touch: Callable[..., Path]) -> None:
    root = touch(*FILES)
    (root / "cases.csv").write_text("file,patient\na.nii.gz,1\n")
    assert find_manifest(root) is None
