from __future__ import annotations

from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from delineate.core.errors import GeometryError
from delineate.core.geometry import IDENTITY, Geometry, corner_distance_mm, same_place

SHAPE = (4, 5, 6)
SPACING = (3.0, 0.7, 0.9)
ORIENTATIONS = [(p, s) for p in permutations(range(3)) for s in product((1, -1), repeat=3)]


def oriented(axes: tuple[int, ...], signs: tuple[int, ...], shape: tuple[int, ...] = SHAPE) -> Geometry:
    """Array axis a runs along world axis ``axes[a]``."""
    affine = np.eye(4)
    affine[:3, :3] = np.eye(3)[:, list(axes)] * np.multiply(signs, SPACING)
    affine[:3, 3] = (-10.5, 20.25, 33)
    return Geometry.from_affine(shape, affine)


def oblique(seed: int) -> Geometry:
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = q * SPACING
    affine[:3, 3] = rng.uniform(-100, 100, 3)
    return Geometry.from_affine(SHAPE, affine)


def as_image(geometry: Geometry, array: np.ndarray | None = None) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(np.zeros(geometry.shape) if array is None else array)
    image.SetSpacing(geometry.spacing_mm[::-1])
    image.SetOrigin(geometry.origin_mm)
    image.SetDirection(np.asarray(geometry.direction)[:, ::-1].ravel().tolist())
    return image


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS)
def test_the_48_orientations_against_simpleitk_and_nibabel(axes: tuple[int, ...], signs: tuple[int, ...]) -> None:
    geometry = oriented(axes, signs)
    image = as_image(geometry)
    for z, y, x in product((0, 3), (0, 4), (0, 5)):
        expected = image.TransformIndexToPhysicalPoint((x, y, z))
        np.testing.assert_allclose(geometry.to_world((z, y, x)), expected, atol=1e-9)
        np.testing.assert_allclose(geometry.to_index(expected), (z, y, x), atol=1e-9)
    order, flips = geometry.closest_axes()
    straight = geometry.transposed(order).flipped(flips)
    # nibabel speaks of x, y, z towards R, A, S; the straightened array runs z to S, y to P and x to L
    ras_xyz = np.diag([-1, -1, 1, 1]) @ straight.affine[:, [2, 1, 0, 3]]
    assert nib.aff2axcodes(ras_xyz) == ("L", "P", "S")
    assert np.allclose(straight.direction, IDENTITY)


@pytest.mark.parametrize(("axes", "signs"), ORIENTATIONS[::5])
def test_voxels_keep_their_place_when_turned(axes: tuple[int, ...], signs: tuple[int, ...]) -> None:
    geometry = oriented(axes, signs)
    array = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    order, flips = geometry.closest_axes()
    turned, grid = array.transpose(order), geometry.transposed(order)
    turned, grid = np.flip(turned, [a for a in range(3) if flips[a]]), grid.flipped(flips)
    assert turned.shape == grid.shape
    for value in (0, 17, 63, array.size - 1):
        here, there = np.argwhere(array == value)[0], np.argwhere(turned == value)[0]
        np.testing.assert_allclose(geometry.to_world(here), grid.to_world(there), atol=1e-9)
    oriented_image = SimpleITK.DICOMOrient(as_image(geometry, array), "LPS")
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(oriented_image), turned)
    np.testing.assert_allclose(oriented_image.GetOrigin(), grid.origin_mm, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_oblique_grids(seed: int) -> None:
    geometry = oblique(seed)
    image = as_image(geometry)
    np.testing.assert_allclose(
        geometry.to_world((1.5, 2, 3)), image.TransformContinuousIndexToPhysicalPoint((3, 2, 1.5)), atol=1e-9
    )
    again = Geometry.from_affine(SHAPE, geometry.affine)
    assert corner_distance_mm(again, geometry) < 1e-9
    assert Geometry.model_validate_json(geometry.model_dump_json()) == geometry
    order, _ = geometry.closest_axes()
    assert sorted(order) == [0, 1, 2]


def test_cropping_against_simpleitk() -> None:
    geometry = oblique(1)
    cropped = geometry.cropped((1, 2, 3), (2, 3, 2))
    image = as_image(geometry)[3:5, 2:5, 1:3]
    np.testing.assert_allclose(cropped.origin_mm, image.GetOrigin(), atol=1e-9)
    assert cropped.shape == image.GetSize()[::-1] and cropped.spacing_mm == geometry.spacing_mm


def test_resampling_keeps_the_outer_faces() -> None:
    geometry = oblique(2)
    other = geometry.resampled((8, 3, 6))
    for corner in product((-0.5, 0.5), repeat=3):
        faces = [np.where(np.asarray(corner) < 0, -0.5, np.asarray(g.shape) - 0.5) for g in (geometry, other)]
        np.testing.assert_allclose(geometry.to_world(faces[0]), other.to_world(faces[1]), atol=1e-9)
    assert corner_distance_mm(other.resampled(geometry.shape), geometry) < 1e-9


@pytest.mark.parametrize(
    ("change", "same"),
    [((0, 0, 0), True), ((0.1, 0.1, 0.1), True), ((0.4, 0, 0), False), ((np.nan, 0, 0), False)],
)
def test_same_place(change: tuple[float, ...], same: bool) -> None:
    geometry = oriented((2, 1, 0), (1, 1, 1))
    moved = geometry.model_copy(update={"origin_mm": tuple(np.add(geometry.origin_mm, change).tolist())})
    assert same_place(geometry, moved) is same
    assert not same_place(geometry, geometry.cropped((0, 0, 0), (4, 5, 5)))
    assert not same_place(geometry, geometry.flipped((True, False, False)))


@pytest.mark.parametrize("shear", [0.002, 0.2])
def test_sheared_affines_are_refused(shear: float) -> None:
    affine = np.eye(4)
    affine[0, 1] = shear
    with pytest.raises(GeometryError, match="sheared") as caught:
        Geometry.from_affine(SHAPE, affine)
    assert "resample" in caught.value.fix
    affine[0, 1] = 1e-5
    Geometry.from_affine(SHAPE, affine)


@pytest.mark.parametrize("value", [0, np.nan, np.inf])
def test_degenerate_affines_are_refused(value: float) -> None:
    affine = np.diag([value, 1, 1, 1])
    with pytest.raises(GeometryError, match="singular"):
        Geometry.from_affine(SHAPE, affine)


def test_the_volume_of_a_voxel() -> None:
    assert oriented((0, 1, 2), (1, -1, 1)).voxel_ml == pytest.approx(3 * 0.7 * 0.9 / 1000)
