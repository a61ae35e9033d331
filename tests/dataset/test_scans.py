from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.scans import find_scans

PAIR = ("FLAIR", "T1")


def names(path: Path | list[Path], channels: tuple[str, ...]) -> dict[str, list[str]]:
    """Names of the files of each case."""
    return {c.name: [p.name for p in c.images] for c in find_scans(path, channels)}


def test_one_channel(touch: Callable[..., Path]) -> None:
    root = touch("b.nii.gz", "a_0000.nii.gz", "c.nii", "c_mask.nii", "notes.txt")
    assert names(root / "b.nii.gz", ("CT",)) == {"b": ["b.nii.gz"]}
    assert names(root, ("CT",)) == {"a": ["a_0000.nii.gz"], "b": ["b.nii.gz"], "c": ["c.nii"]}
    assert names([root / "c.nii", root / "b.nii.gz"], ("CT",)) == {"b": ["b.nii.gz"], "c": ["c.nii"]}
    assert find_scans(str(root / "b.nii.gz"), ("CT",))[0].label is None  # type: ignore[arg-type]


@pytest.mark.parametrize("suffixes", [("flair", "t1"), ("FLAIR", "T1"), ("0000", "0001")])
def test_channels_by_name_or_number(suffixes: tuple[str, str], touch: Callable[..., Path]) -> None:
    files = [f"{case}_{s}.nii.gz" for case in ("a", "b_1") for s in suffixes]
    root = touch(*files)
    assert names(root, PAIR) == {"a": files[:2], "b_1": files[2:]}
    assert names([root / f for f in files[::-1]], PAIR) == {"a": files[:2], "b_1": files[2:]}
    assert names(root / files[1], PAIR) == {"a": files[:2]}


def test_folder_per_case(touch: Callable[..., Path]) -> None:
    root = touch("x/x_t1.nii", "x/x_flair.nii", "x/x_seg.nii", "y/y_t1.nii", "y/y_flair.nii")
    wanted = {n: [f"{n}_flair.nii", f"{n}_t1.nii"] for n in "xy"}
    assert names(root, PAIR) == wanted
    assert names(root, ("T1",)) == {n: [f"{n}_t1.nii"] for n in "xy"}


def test_images_beside_labels_and_test_images(touch: Callable[..., Path]) -> None:
    assert names(touch("images/a.png", "labels/a.png"), ("grey",)) == {"a": ["a.png"]}
    assert names(touch("imagesTr/a.png", "imagesTs/z.png"), ("grey",)) == {"z": ["z.png"]}


def test_list(touch: Callable[..., Path]) -> None:
    root = touch("1/a.nii", "1/b.nii", "2/a.nii", "2/b.nii")
    (root / "l.txt").write_text("1/a.nii 1/b.nii\n2/a.nii 2/b.nii\n")
    assert names(root / "l.txt", PAIR) == {"1-a": ["a.nii", "b.nii"], "2-a": ["a.nii", "b.nii"]}
    with pytest.raises(LayoutError, match="not a list of scans"):
        find_scans(root / "l.txt", ("CT",))


def test_one_name_in_two_folders(touch: Callable[..., Path]) -> None:
    root = touch("x/scan.nii", "y/scan.nii")
    assert list(names([root / "x/scan.nii", root / "y/scan.nii"], ("CT",))) == ["x-scan", "y-scan"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], "no scans"),
        (["a_flair.nii"], "a has no file for the channel T1"),
        (["a.nii"], "no file for the channel FLAIR, T1"),
        (["a_flair.nii", "a_t1.nii", "a_0000.nii"], "two files for channel FLAIR"),
        (["a/u.nii", "a/v.nii"], "no file for the channel"),
    ],
)
def test_refusals(files: list[str], told: str, touch: Callable[..., Path]) -> None:
    with pytest.raises(LayoutError, match=told):
        find_scans(touch(*files), PAIR)


def test_missing_and_unknown_files(touch: Callable[..., Path]) -> None:
    root = touch("a.doc")
    with pytest.raises(LayoutError, match="does not exist"):
        find_scans(root / "gone.nii", ("CT",))
    with pytest.raises(LayoutError, match="not a known image format"):
        find_scans(root / "a.doc", ("CT",))


@pytest.mark.realdata
def test_real_folders(realdata: Path) -> None:
    brats = find_scans(realdata / "brats2015", ("FLAIR", "T1c"))
    assert [p.name for p in brats[0].images] == ["flair.nii.gz", "t1c.nii.gz"]
    assert len(brats) == 4
    assert len(find_scans(realdata / "hippocampus/imagesTr", ("MRI",))) == 208
    assert len(find_scans(realdata / "nuclei_2d/images", ("red", "green", "blue"))) == 100
