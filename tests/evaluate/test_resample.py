"""Nearest voxel, as SimpleITK finds it."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry
from delineate.evaluate.resample import resample_nearest


def turned(angle: float) -> tuple[tuple[float, float, float], ...]:
    """Directions of the array axes z, y, x (columns) turned about the world's z and a little about x."""
    c, s = np.cos(angle), np.sin(angle)
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return tuple(map(tuple, (about_z @ about_x)[:, ::-1]))


def image(geometry: Geometry, array: np.ndarray | None = None) -> sitk.Image:
    made = sitk.GetImageFromArray(np.zeros(geometry.shape, np.uint8) if array is None else array)
    made.SetSpacing(geometry.spacing_mm[::-1])
    made.SetOrigin(geometry.origin_mm)
    made.SetDirection(np.asarray(geometry.direction)[:, ::-1].ravel().tolist())
    return made


@pytest.mark.parametrize("angle", [0.0, 0.3, 2.0])
def test_as_simpleitk(angle: float) -> None:
    rng = np.random.default_rng(0)
    source = Geometry(
        shape=(12, 17, 14), spacing_mm=(3.1, 1.3, 1.7), origin_mm=(-7.3, 5.1, 2.2), direction=turned(angle)
    )
    target = Geometry(shape=(9, 20, 21), spacing_mm=(2.3, 1.1, 0.9), origin_mm=(-6.1, 4.4, 1.3), direction=turned(0.1))
    ids = rng.integers(1, 9, source.shape).astype(np.uint8)
    want = sitk.Resample(image(source, ids), image(target), sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    got = resample_nearest(ids, source, target)
    assert got.any()
    assert (got == sitk.GetArrayFromImage(want)).mean() > 0.999  # ITK extends the outermost voxels by rounding


def test_the_same_grid_changes_nothing_and_a_crop_is_filled_with_background() -> None:
    grid = Geometry(shape=(4, 5, 6), spacing_mm=(2.0, 1.0, 1.0))
    ids = np.random.default_rng(1).integers(0, 4, grid.shape).astype(np.uint16)
    assert (resample_nearest(ids, grid, grid) == ids).all()
    part = grid.cropped((1, 1, 2), (2, 3, 4))
    back = resample_nearest(ids[1:3, 1:4, 2:], part, grid)
    expected = np.zeros_like(ids)
    expected[1:3, 1:4, 2:] = ids[1:3, 1:4, 2:]
    assert back.dtype == ids.dtype and (back == expected).all()


def test_of_two_voxels_equally_near_the_higher_is_taken() -> None:
    source = Geometry(shape=(4, 1, 1), spacing_mm=(0.1, 1.0, 1.0))
    between = source.model_copy(update={"origin_mm": (0.0, 0.0, 0.05)})
    ids = np.arange(1, 5, dtype=np.uint8).reshape(4, 1, 1)
    assert resample_nearest(ids, source, between).ravel().tolist() == [2, 3, 4, 0]


def test_grids_apart_are_refused() -> None:
    grid = Geometry(shape=(4, 5, 6))
    far = grid.model_copy(update={"origin_mm": (100.0, 0.0, 0.0)})
    with pytest.raises(GeometryError, match="do not overlap"):
        resample_nearest(np.ones(grid.shape, np.uint8), grid, far)
