from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError, UnknownNameError
from delineate.dataset.find import find_cases


def test_patients_are_filled_in(touch: Callable[..., Path]) -> None:
    data = find_cases(touch("images/patient001_frame01.png", "labels/patient001_frame01.png"))
    assert data.cases[0].group == "patient001"


def test_one_name_twice_is_refused(touch: Callable[..., Path]) -> None:
    root = touch("a.png", "b.png", "s/a.png")
    (root / "manifest.csv").write_text("name,image,label\nx,a.png,s/a.png\nx,b.png,s/a.png\n")
    with pytest.raises(LayoutError, match="several cases are named x"):
        find_cases(root)


@pytest.mark.parametrize(
    ("files", "told"), [([], "it is empty"), (["notes.md", "x/y.md"], "0 images in a known format, and notes.md, x/")]
)
def test_nothing_to_find(files: list[str], told: str, touch: Callable[..., Path]) -> None:
    with pytest.raises(LayoutError, match=told):
        find_cases(touch(*files))


def test_missing_path_and_unknown_layout(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="does not exist"):
        find_cases(tmp_path / "gone")
    with pytest.raises(UnknownNameError, match="paird"):
        find_cases(tmp_path, "paird")


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("folder", "layout", "channels", "cases", "patients"),
    [
        ("acdc_cardiac", "paired", ("image",), 40, 20),
        ("brats2015", "folders", ("FLAIR", "T1c"), 4, 4),
        ("hippocampus", "msd", ("MRI",), 208, 208),
        ("lidc_nodules", "paired", ("image",), 160, None),
        ("msd_spleen_ct", "paired", ("image",), 2, 2),
        ("nuclei_2d", "paired", ("red", "green", "blue"), 100, 100),
        ("prostate_mr_1case", "folders", ("T2",), 1, 1),
        ("pyradiomics_lesions", "folders", ("image",), 3, 3),
        ("spine_mr_2d", "paired", ("grey",), 20, 20),
        ("spine_mr_vertebrae", "paired", ("image",), 10, 10),
        ("sunnybrook_2d", "paired", ("grey",), 268, 30),
    ],
)
def test_real_folders(
    folder: str, layout: str, channels: tuple[str, ...], cases: int, patients: int | None, realdata: Path
) -> None:
    data = find_cases(realdata / folder)
    assert (data.layout, data.channels, len(data.cases)) == (layout, channels, cases)
    assert len(data.labelled) == cases
    if patients is not None:
        assert len({c.group for c in data.cases}) == patients


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("kits19_labels_only", "10 labels and no images"),
        ("cip_chest_ct_small", "1 image without a label: ct-64"),
        ("dicom_seg_ct_3slice", "4 labels and no images"),
        ("lidc_malignancy", "0 images in a known format"),
        ("sem_axon_myelin", "labels in labels_axon, labels_myelin"),
        ("spinalcord_mr_multicontrast", "3 candidate labels"),
        ("totalsegmentator_examples", "candidate labels"),
    ],
)
def test_real_folders_that_are_ambiguous(folder: str, told: str, realdata: Path) -> None:
    with pytest.raises(LayoutError, match=told):
        find_cases(realdata / folder)
