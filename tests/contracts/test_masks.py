"""What every mask promises."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import UnknownNameError
from delineate.store.masks import MASKS, mask_box, refuse_unknown_crop

RNG = np.random.default_rng(0)
SCANS = {
    "noise": RNG.normal(0, 300, (9, 20, 22)),
    "constant": np.full((9, 20, 22), 7.0),
    "air": np.full((9, 20, 22), -1000.0),
    "one slice": RNG.normal(0, 300, (1, 30, 31)),
    "one voxel": np.full((1, 1, 1), 5.0),
    "a line": RNG.normal(-500, 500, (1, 1, 40)),
}


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("name", MASKS.names())
def test_gives_a_mask_of_the_scan_and_leaves_it_alone(name, scan):
    array = SCANS[scan].astype(np.float32)
    before = array.copy()
    found = MASKS[name](array, (5.0, 3.0, 3.0))
    assert found.shape == array.shape and found.dtype == bool
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("name", MASKS.names())
@pytest.mark.parametrize("margin_mm", [0.0, 12.0, 1e4])
def test_its_box_lies_in_the_scan_and_is_never_empty(name, scan, margin_mm):
    array = SCANS[scan]
    start, shape = mask_box(array[None], (5.0, 0.7, 0.9), name, margin_mm)
    assert all(s >= 0 and n >= 1 and s + n <= m for s, n, m in zip(start, shape, array.shape, strict=True))
    if margin_mm == 1e4:
        assert shape == array.shape


@pytest.mark.parametrize("name", MASKS.names())
def test_voxels_that_are_not_numbers_keep_the_whole_scan(name):
    array = SCANS["noise"].copy()
    array[0, 0, 0] = np.nan
    assert mask_box(array[None], (3.0, 3.0, 3.0), name, 0.0) == ((0, 0, 0), array.shape)


def test_an_unknown_crop_is_refused_with_the_list():
    with pytest.raises(UnknownNameError, match="one of auto, none, nonzero, " + ", ".join(MASKS.names())):
        refuse_unknown_crop("lungs")
    for name in ("auto", "none", "nonzero", *MASKS.names()):
        refuse_unknown_crop(name)
