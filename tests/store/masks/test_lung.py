from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from delineate.store.masks import MASKS, mask_box


def test_lungs_are_found_with_the_nodule_at_their_border_and_without_the_stomach(chest):
    found = MASKS["lung"](chest.hu, chest.spacing_mm)
    assert (chest.lungs & found).sum() > 0.99 * chest.lungs.sum()
    assert (chest.nodule & found).sum() > 0.9 * chest.nodule.sum()
    assert not (chest.stomach & found).any()
    assert found.sum() < 1.15 * (chest.lungs | chest.airway).sum()


def test_nothing_is_found_without_lungs_or_hounsfield_units(chest):
    without = np.where(chest.lungs, 40, chest.hu).astype(np.float32)
    assert not MASKS["lung"](without, chest.spacing_mm).any()
    assert not MASKS["lung"](chest.hu + 1024, chest.spacing_mm).any()


TOTAL = "totalsegmentator_examples"
WHOLE = ("cip_chest_ct_small/ct-64.nrrd", "cip_chest_ct_small/wholeLung-64_label.nrrd", (1,), 0.99)
PARTS = [
    (f"{TOTAL}/{n}/image.nii.gz", f"{TOTAL}/{n}/label_117classes_pred.nii.gz", (10, 11, 12, 13, 14), 0.96)
    for n in ("ct_abdomen_small_3mm", "ct_torso_3mm")
]


@pytest.mark.realdata
@pytest.mark.parametrize(("image", "label", "values", "covered"), [WHOLE, *PARTS])
def test_real_lungs_are_covered(image, label, values, covered, realdata: Path):
    from delineate.formats import read_label, read_volume

    if not (realdata / image).exists():
        pytest.skip(f"{image} is not there")
    scan, truth = read_volume(realdata / image), read_label(realdata / label).array_czyx[0]
    axes, flips = scan.geometry.closest_axes()
    turned = [np.flip(a.transpose(axes), [n for n in range(3) if flips[n]]) for a in (scan.array_czyx[0], truth)]
    lungs = np.isin(turned[1], values)
    spacing_mm = scan.geometry.transposed(axes).spacing_mm
    found = MASKS["lung"](np.ascontiguousarray(turned[0], np.float32), spacing_mm)
    assert (found & lungs).sum() > covered * lungs.sum()
    start, shape = mask_box(turned[0][None], spacing_mm, "lung", 10.0)
    box = tuple(slice(s, s + n) for s, n in zip(start, shape, strict=True))
    assert lungs[box].sum() == lungs.sum() and np.prod(shape) < lungs.size


@pytest.fixture
def realdata() -> Path:
    folder = Path(os.environ.get("DELINEATE_DATA", Path(__file__).parents[4] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder
