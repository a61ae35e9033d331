from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.nnunet import find_nnunet

FILES = ("imagesTr/a_0000.png", "imagesTr/a_0001.png", "labelsTr/a.png", "imagesTs/z_0000.png")
CONTENT = {
    "channel_names": {"0": "T1", "1": "T2"},
    "labels": {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": 3, "ignore": 4},
    "regions_class_order": [1, 2, 3],
    "file_ending": ".png",
}


def test_regions_ignore_and_channels(touch: Callable[..., Path]) -> None:
    root = touch(*FILES)
    (root / "dataset.json").write_text(json.dumps(CONTENT))
    data = find_nnunet(root)
    assert data is not None
    assert data.channels == ("T1", "T2")
    assert [p.name for p in data.cases[0].images] == ["a_0000.png", "a_0001.png"]
    assert data.labels is not None
    assert data.labels.regions
    assert data.labels.names == ("whole", "core", "enhancing")
    assert [c.output_id for c in data.labels.classes] == [1, 2, 3]
    assert data.labels.ignore_value == 4
    assert any("imagesTs is left out" in n for n in data.notes)


def test_files_listed_in_the_json(touch: Callable[..., Path]) -> None:
    root = touch("x/one.png", "x/two.png", "y/three.png")
    entry = {"images": ["x/one.png", "x/two.png"], "label": "y/three.png"}
    (root / "dataset.json").write_text(json.dumps({**CONTENT, "dataset": {"case": entry}}))
    data = find_nnunet(root)
    assert data is not None
    assert data.cases[0].name == "case"
    assert data.cases[0].label == root / "y/three.png"


@pytest.mark.parametrize(
    ("files", "change", "told"),
    [
        (FILES[1:], {}, "do not have exactly 2 channels: a"),
        (FILES[:2], {}, "images without a label: a"),
        (FILES[2:], {}, "labels without an image: a"),
        ((*FILES, "imagesTr/b.png"), {}, "does not end in _0000.*b.png"),
        (FILES, {"file_ending": ".nii.gz"}, "no training cases"),
        (FILES, {"regions_class_order": None}, "labels"),
        (FILES, {"regions_class_order": [1]}, "labels"),
    ],
)
def test_faults_are_named(
    files: tuple[str, ...], change: dict[str, object], told: str, touch: Callable[..., Path]
) -> None:
    root = touch(*files)
    (root / "dataset.json").write_text(json.dumps({**CONTENT, **change}))
    with pytest.raises(LayoutError, match=told):
        find_nnunet(root)
