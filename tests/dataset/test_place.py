from __future__ import annotations

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.dataset.place import diagnose, misplaced

SHAPE = (16, 40, 40)


def scan() -> tuple[np.ndarray, np.ndarray]:
    """A bright box off the centre in noise, and its mask."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[3:8, 6:20, 9:30] = 1
    image = mask * 100 + np.random.default_rng(0).normal(0, 5, SHAPE)
    return image, mask


GRID = Geometry(shape=SHAPE, spacing_mm=(3.0, 1.0, 1.0))


def test_half_a_voxel_is_allowed() -> None:
    assert not misplaced(GRID, GRID.model_copy(update={"origin_mm": (0.5, 0.0, 0.0)}))
    assert misplaced(GRID, GRID.model_copy(update={"origin_mm": (0.51, 0.0, 0.0)}))


def test_header_only() -> None:
    image, mask = scan()
    found = diagnose(GRID, GRID.model_copy(update={"origin_mm": (0.0, 9.0, 0.0)}), image, mask)
    assert found.kind == "header only"
    assert found.distance_mm == pytest.approx(9)


def test_shifted() -> None:
    image, mask = scan()
    moved = np.roll(mask, -7, axis=1)
    label = GRID.model_copy(update={"origin_mm": (0.0, 7.0, 0.0)})  # world y is array axis 1
    assert diagnose(GRID, label, image, moved).kind == "shifted"


@pytest.mark.parametrize("flips", [(True, False, False), (False, True, False), (False, True, True)])
def test_flipped(flips: tuple[bool, bool, bool]) -> None:
    image, mask = scan()
    axes = [a for a in range(3) if flips[a]]
    found = diagnose(GRID, GRID.flipped(flips), image, np.flip(mask, axes))
    assert found.kind == "flipped"
    assert found.why.endswith(" and ".join("zyx"[a] for a in axes))


def test_other_shapes() -> None:
    assert diagnose(GRID, GRID.resampled((16, 20, 20))).kind == "resampled"
    short = diagnose(GRID, GRID.cropped((0, 0, 0), (15, 40, 40)))
    assert (short.kind, short.why) == ("cropped", "the mask has 1 fewer along z than the image")
    assert diagnose(GRID, GRID.transposed((1, 2, 0))).kind == "axes swapped"


def test_no_edges_no_verdict() -> None:
    label = GRID.model_copy(update={"origin_mm": (0.0, 9.0, 0.0)})
    assert diagnose(GRID, label, np.ones(SHAPE), np.zeros(SHAPE, np.uint8)).kind == "undecided"
    assert diagnose(GRID, label, np.ones(SHAPE), scan()[1]).kind == "undecided"
