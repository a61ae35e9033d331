from __future__ import annotations

import numpy as np
import pytest


def ellipsoid(shape, centre, radii):
    grid = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    return sum(((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radii, strict=True)) <= 1


class Chest:
    """A chest of 4 mm voxels (z up, y back): body with two lungs, a nodule at the border of one, an airway open at the
    top, gas in the stomach, and a table behind."""

    spacing_mm = (4.0, 4.0, 4.0)
    shape = (40, 48, 64)

    def __init__(self):
        z, y, x = self.shape
        self.body = ellipsoid((1, y, x), (0, 21, 32), (1, 17, 27)).repeat(z, axis=0)
        left, right = (ellipsoid(self.shape, (22, 21, c), (13, 11, 9)) for c in (20, 44))
        self.lungs = left | right
        self.nodule = ellipsoid(self.shape, (22, 21, 12), (2, 2, 2)) & self.lungs
        self.airway = np.zeros(self.shape, bool)
        self.airway[26:, 20:23, 31:34] = True
        self.stomach = ellipsoid(self.shape, (4, 18, 30), (4, 7, 8))
        self.table = np.zeros(self.shape, bool)
        self.table[:, 42:44, 4:60] = True
        hu = np.full(self.shape, -1000.0)
        hu[self.body] = 40
        hu[self.lungs] = -820
        hu[self.nodule] = 30
        hu[self.airway | self.stomach] = -1000
        hu[self.table] = 200
        self.hu = (hu + np.random.default_rng(0).normal(0, 8, hu.shape)).astype(np.float32)


@pytest.fixture
def chest():
    return Chest()
