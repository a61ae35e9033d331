from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.msd import find_msd

CONTENT = {
    "modality": {"0": "FLAIR", "1": "T1"},
    "labels": {"0": "background", "1": "edema", "3": "core"},
    "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}],
    "test": ["./imagesTs/z.nii.gz"],
}


def test_channels_labels_and_test_images(touch: Callable[..., Path]) -> None:
    root = touch("imagesTr/a.nii.gz", "labelsTr/a.nii.gz", "imagesTr/unlisted.nii.gz")
    (root / "dataset.json").write_text(json.dumps(CONTENT))
    data = find_msd(root / "dataset.json")
    assert data is not None
    assert data.root == root
    assert data.channels == ("FLAIR", "T1")
    assert data.labels is not None
    assert data.labels.names == ("edema", "core")
    assert data.labels.file_values == (0, 1, 3)
    assert any("left out: 1 test image" in n for n in data.notes)
    assert any("unlisted.nii.gz" in n for n in data.notes)


def test_neighbours_of_what_a_link_leads_to_are_not_counted(touch: Callable[..., Path], tmp_path: Path) -> None:
    root = touch("labelsTr/a.nii.gz", "imagesTr/unlisted.nii.gz")
    (root / "dataset.json").write_text(json.dumps(CONTENT))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("a.nii.gz", "b.nii.gz"):
        (elsewhere / name).touch()
    (root / "imagesTr" / "a.nii.gz").symlink_to(elsewhere / "a.nii.gz")
    data = find_msd(root)
    assert data is not None
    told = [n for n in data.notes if "left out" in n and "beside" in n]
    assert len(told) == 1 and "1 image beside" in told[0] and "unlisted.nii.gz" in told[0]


def test_channels_in_files_of_their_own(touch: Callable[..., Path]) -> None:
    root = touch("imagesTr/a_0000.nii.gz", "imagesTr/a_0001.nii.gz", "labelsTr/a.nii.gz")
    (root / "dataset.json").write_text(json.dumps(CONTENT))
    data = find_msd(root)
    assert data is not None
    assert [p.name for p in data.cases[0].images] == ["a_0000.nii.gz", "a_0001.nii.gz"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"labels": {"0": "background", "one": "x"}}, "labels"),
        ({"modality": "CT"}, "channels"),
        ({"training": []}, "no training cases"),
        ({"training": [{"image": "a.nii.gz"}]}, "without image or label"),
    ],
)
def test_a_wrong_declaration_is_told(change: dict[str, object], told: str, touch: Callable[..., Path]) -> None:
    root = touch("imagesTr/a.nii.gz", "labelsTr/a.nii.gz")
    (root / "dataset.json").write_text(json.dumps({**CONTENT, **change}))
    with pytest.raises(LayoutError, match=told):
        find_msd(root)


def test_broken_json_is_told(touch: Callable[..., Path]) -> None:
    root = touch()
    (root / "dataset.json").write_text("{")
    with pytest.raises(LayoutError, match="not JSON"):
        find_msd(root)
