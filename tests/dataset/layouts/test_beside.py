from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.layouts.beside import find_beside


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("Case12.nii", "mask_case12.nii"),
        ("x_12.jpg", "x_12_mask.gif"),
        ("p12_image.png", "p12_label.png"),
        ("case_12_imaging.nii.gz", "case_12_segmentation.nii.gz"),
        ("ISIC_0000012.jpg", "ISIC_0000012_Segmentation.png"),
    ],
)
def test_names(image: str, label: str, touch: Callable[..., Path]) -> None:
    other = image.replace("2", "3"), label.replace("2", "3")
    root = touch(image, label, *other)
    data = find_beside(root)
    assert data is not None
    assert {(c.images[0].name, c.label.name) for c in data.cases if c.label} == {(image, label), other}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["a_seg.png", "b_seg.png"], "2 labels and no images: a_seg.png, b_seg.png"),
        (["a.png", "b.png"], "2 images and no labels"),
        (["a.png", "a.jpg", "a_mask.gif"], "several files of one name: a.jpg, a.png"),
        (["a.png", "a_mask.png", "a_seg.png"], "2 candidate labels"),
        (["a.png", "b.png", "a_mask.png"], "image without a label: b"),
    ],
)
def test_refusals_name_the_files(files: list[str], told: str, touch: Callable[..., Path]) -> None:
    with pytest.raises(LayoutError, match=told):
        find_beside(touch(*files))
