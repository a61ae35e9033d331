from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from scipy.ndimage import gaussian_filter, zoom

from delineate.core.geometry import Geometry
from delineate.store.resample import resample_ids, resample_image, resample_linear

SHAPE, NEW = (14, 22, 26), (21, 17, 40)


@pytest.fixture
def smooth():
    noise = np.random.default_rng(0).normal(size=SHAPE)
    return (gaussian_filter(noise, 1.5) * 100).astype(np.float32)


def test_the_spline_is_scipys(smooth):
    factors = [m / n for n, m in zip(SHAPE, NEW, strict=True)]
    expected = zoom(smooth, factors, order=3, mode="nearest", grid_mode=True)
    np.testing.assert_allclose(resample_image(smooth, NEW), expected, atol=2e-4)


@pytest.mark.parametrize("kind", ["linear", "spline"])
def test_both_agree_with_simpleitk_on_the_same_grid(smooth, kind):
    grid = Geometry(shape=SHAPE, spacing_mm=(3.0, 1.0, 1.2))
    new = grid.resampled(NEW)
    image = sitk.GetImageFromArray(smooth)
    image.SetSpacing(grid.spacing_mm[::-1])
    method = sitk.sitkLinear if kind == "linear" else sitk.sitkBSpline
    spacing, origin = new.spacing_mm[::-1], new.origin_mm
    wanted = sitk.Resample(image, NEW[::-1], sitk.Transform(), method, origin, spacing, image.GetDirection(), 0.0)
    ours = resample_linear(smooth, NEW) if kind == "linear" else resample_image(smooth, NEW)
    inner = (slice(4, -4), slice(3, -3), slice(4, -4))  # the two continue splines differently beyond the border
    difference = np.abs(ours - sitk.GetArrayFromImage(wanted))[inner]
    assert difference.max() < (1e-3 if kind == "linear" else 0.02 * smooth.std())


def test_slicewise_is_a_spline_in_the_plane_and_linear_across(smooth):
    ours = resample_image(smooth, NEW, slicewise=True)
    expected = np.stack([zoom(s, (17 / 22, 40 / 26), order=3, mode="nearest", grid_mode=True) for s in smooth])
    np.testing.assert_allclose(ours, resample_linear(expected, NEW), atol=2e-4)


def test_no_change_is_exact_and_a_copy_for_ids(smooth):
    np.testing.assert_array_equal(resample_image(smooth, SHAPE), smooth)
    ids = np.random.default_rng(0).integers(0, 3, SHAPE).astype(np.uint16)
    same = resample_ids(ids, SHAPE)
    np.testing.assert_array_equal(same, ids)
    assert same is not ids and not np.shares_memory(same, ids)


def test_ids_are_the_argmax_of_their_linear_masks():
    blobs = gaussian_filter(np.random.default_rng(0).normal(size=(4, *SHAPE)), (0, 2, 2, 2)).argmax(axis=0)
    ids = np.array([0, 3, 200, 255], np.uint8)[blobs]
    masks = np.stack([resample_linear(ids == i, NEW) for i in (0, 3, 200, 255)])
    sure = np.diff(np.sort(masks, axis=0)[-2:], axis=0)[0] > 1e-4
    expected = np.array([0, 3, 200, 255])[masks.argmax(axis=0)]
    ours = resample_ids(ids, NEW)
    assert ours.dtype == np.uint8
    np.testing.assert_array_equal(ours[sure], expected[sure])


def test_of_two_ids_that_share_a_voxel_equally_the_lower_has_it():
    for ids, expected in (([1, 2], [1, 1, 2]), ([2, 1], [2, 1, 1]), ([0, 2], [0, 0, 2])):
        assert resample_ids(np.array([[ids]], np.uint8), (1, 1, 3)).ravel().tolist() == expected


def test_single_voxels_and_constants():
    np.testing.assert_allclose(resample_image(np.full((1, 5, 7), 9.0), (3, 11, 4)), 9.0, rtol=1e-5)
    assert (resample_ids(np.full((1, 5, 7), 2, np.uint8), (1, 8, 3)) == 2).all()
