from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from delineate.core.errors import FormatError
from delineate.formats import format_of, is_scan, strip_suffix


@pytest.mark.parametrize(
    ("name", "kind", "stem"),
    [
        ("case.01.nii.gz", "nifti", "case.01"),
        ("a.NII", "nifti", "a"),
        ("a.JPEG", "jpeg", "a"),
        ("a.mhd", "meta", "a"),
        ("a.b.tiff", "tiff", "a.b"),
        ("a.seg.nrrd", "nrrd", "a.seg"),
    ],
)
def test_suffixes(name: str, kind: str, stem: str) -> None:
    assert format_of(Path("/some") / name).name == kind
    assert strip_suffix(Path("/some") / name) == stem
    assert is_scan(Path(name))


@pytest.mark.parametrize("name", ["a.txt", "a.gz", "nii.gz", ".nii.gz", "folder.v1", "a"])
def test_other_names(name: str) -> None:
    assert not is_scan(Path(name))
    assert strip_suffix(Path(name)) == name
    with pytest.raises(FormatError, match=r"one of .*\.nii\.gz") as caught:
        format_of(Path(name))
    assert name in caught.value.what


def test_hidden_files_are_no_scans() -> None:
    assert not is_scan(Path("._case.nii.gz")) and not is_scan(Path(".writing-x-case.nii.gz"))


def test_asking_for_a_format_loads_no_library() -> None:
    code = (
        "import sys; from pathlib import Path; from delineate.formats import format_of; format_of(Path('a.png'));"
        "print([m for m in ('torch', 'nibabel', 'SimpleITK', 'PIL', 'tifffile', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
