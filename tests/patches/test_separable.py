from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline
from scipy.ndimage import gaussian_filter1d

from delineate.patches.separable import along_axes, smoothing_matrix, spline_grid, spline_matrix


def test_along_axes_is_tensordot():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 5, 6), dtype=np.float32)
    a, b = rng.standard_normal((4, 5), dtype=np.float32), rng.standard_normal((7, 6), dtype=np.float32)
    np.testing.assert_allclose(
        along_axes(torch.from_numpy(x), {1: a, 2: b}), np.einsum("cij,yi,xj->cyx", x, a, b), rtol=1e-4, atol=1e-5
    )


def test_smoothing_against_scipy():
    x = np.random.default_rng(0).standard_normal(20)
    wanted = gaussian_filter1d(x, 0.8, mode="nearest", radius=3)
    np.testing.assert_allclose(smoothing_matrix(20, 0.8) @ x, wanted, atol=1e-6)


def test_smoothing_of_fewer_samples_than_the_kernel():
    np.testing.assert_allclose(smoothing_matrix(2, 1.0).sum(axis=1), 1, atol=1e-6)


def test_spline_against_scipy():
    control = np.random.default_rng(0).standard_normal(6)
    wanted = BSpline(np.arange(-3, 7), control, 3)((np.arange(11) + 0.5) / 11 * 3)
    np.testing.assert_allclose(spline_matrix(11, 3) @ control, wanted, atol=1e-6)


@pytest.mark.parametrize("shape", [(7, 9), (4, 5, 6)])
def test_a_grid_of_splines_against_axis_by_axis(shape):
    dims = len(shape)
    control = np.random.default_rng(0).standard_normal((2, *[5] * dims, dims))
    wanted = along_axes(torch.from_numpy(control), {a + 1: spline_matrix(n, 2) for a, n in enumerate(shape)})
    torch.testing.assert_close(spline_grid(torch.from_numpy(control), shape), wanted)


def test_splines_reproduce_straight_lines():
    """What lets an affine map be carried by control points."""
    place = (np.arange(6) - 1) / 3
    np.testing.assert_allclose(spline_matrix(17, 3) @ place, (np.arange(17) + 0.5) / 17, atol=1e-6)
