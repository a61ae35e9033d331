"""Boxes, against the places of voxels."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.boxes import NOWHERE, boxes_of_ids, foreground_box, joined, moved


def brute(mask: np.ndarray) -> tuple[slice, ...]:
    places = np.argwhere(mask)
    return tuple(slice(a, b + 1) for a, b in zip(places.min(0), places.max(0), strict=True))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint16])
def test_foreground_of_several_maps(dtype: type) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        maps = [(rng.random((4, 5, 6)) < 0.02).astype(dtype) for _ in range(2)]
        either = (maps[0] != 0) | (maps[1] != 0)
        assert foreground_box(*maps) == (brute(either) if either.any() else NOWHERE)


def test_boxes_of_ids_joined_and_moved() -> None:
    ids = np.zeros((6, 7, 8), np.uint16)
    ids[1, 2:4, 3] = 1
    ids[4, 5, 6:8] = 3
    boxes = boxes_of_ids(ids, 5)
    assert boxes == [None, brute(ids == 1), None, brute(ids == 3), None]
    assert joined([boxes[1], None, boxes[3]]) == brute(ids > 0)
    assert joined([None]) == joined([]) == NOWHERE
    outer = (slice(1, 6), slice(2, 7), slice(3, 8))
    assert moved(foreground_box(ids[outer]), outer) == brute(ids > 0)
