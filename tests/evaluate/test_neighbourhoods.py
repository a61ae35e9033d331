"""Simple voxels against pieces counted by scipy, as Malandain and Bertrand define them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from delineate.evaluate.neighbourhoods import STEPS, simple

CROSS, FULL = ndimage.generate_binary_structure(3, 1), np.ones((3, 3, 3))
NEAR_18 = ndimage.generate_binary_structure(3, 2)


def block(code: int) -> Any:
    """The neighbours inside; the middle stays empty."""
    cube = np.zeros((3, 3, 3), bool)
    for bit, (z, y, x) in enumerate(STEPS):
        cube[z + 1, y + 1, x + 1] = code >> bit & 1
    return cube


def by_definition(code: int) -> bool:
    """One 26-connected piece inside; outside, one 6-connected piece of the 18 nearest that touches the middle."""
    inside = block(code)
    outside = ~inside & NEAR_18
    outside[1, 1, 1] = False
    numbered = ndimage.label(outside, CROSS)[0]
    touching = set(numbered[CROSS & outside].tolist())
    return ndimage.label(inside, FULL)[1] == 1 and len(touching) == 1


def test_every_neighbour_has_one_bit() -> None:
    assert len(set(STEPS)) == 26 and (0, 0, 0) not in STEPS


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_as_defined(share: float) -> None:
    bits = np.random.default_rng(int(10 * share)).random((400, 26)) < share
    codes = (bits << np.arange(26)).sum(axis=1).astype(np.uint32)
    expected = [by_definition(int(c)) for c in codes]
    assert simple(codes).tolist() == expected
    assert 0 < sum(expected) < len(expected)


def test_none_and_all_are_not_simple() -> None:
    assert simple(np.array([0, 2**26 - 1], np.uint32)).tolist() == [False, False]
    assert simple(np.uint32(1) << np.arange(26, dtype=np.uint32)).all()
