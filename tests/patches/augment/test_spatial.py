from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates

from delineate.config import PatchConfig
from delineate.patches.augment.spatial import CELLS, Spatial, SpatialParams, fold_limit_voxels, sampling_grid
from delineate.patches.augmentation import AugmentSettings
from delineate.patches.separable import spline_matrix

SHAPES = [(10, 14, 12), (16, 20)]


def settings(dims, spacing=(1.0, 1.0, 1.0), anisotropic=False, **knobs):
    return AugmentSettings(knobs=PatchConfig(**knobs), dims=dims, spacing_mm=spacing[:dims], anisotropic=anisotropic)


def decide(dims, seed=0, **named):
    return Spatial().decide(np.random.default_rng(seed), settings(dims, **named))


def looked_up(p, shape):
    """Where each voxel is looked up, in voxels, array order ``[dims, *x]``."""
    grid = sampling_grid([p], shape, torch.device("cpu"))[0].numpy()[..., ::-1].astype(float)
    within = np.moveaxis((grid + 1) * np.asarray(shape[-grid.shape[-1] :]) / 2 - 0.5, -1, 0)
    if len(within) == len(shape):
        return within
    where = np.indices(shape).astype(float)  # one slice for all
    where[1:] = within[:, None]
    return where


@pytest.mark.parametrize("shape", SHAPES)
def test_affine_against_scipy(shape):
    p = decide(len(shape), affine=1, elastic=0, rotation_degrees=40, spacing=(3.0, 1.0, 1.5))
    rng = np.random.default_rng(0)
    image = rng.standard_normal(shape).astype(np.float32)
    label = rng.integers(0, 65536, shape)
    centre = (np.asarray(shape).reshape(-1, *[1] * len(shape)) - 1) / 2
    where = np.einsum("ij,j...->i...", np.asarray(p.matrix), np.indices(shape) - centre) + centre
    got_image, got_label = Spatial().apply(
        torch.from_numpy(image)[None, None].clone(), torch.from_numpy(label)[None].clone(), [p]
    )
    np.testing.assert_allclose(got_image[0, 0], map_coordinates(image, where, order=1, mode="nearest"), atol=1e-4)
    wanted = map_coordinates(label, where, order=0, mode="nearest")
    assert (got_label[0].numpy() == wanted).mean() > 0.995  # rounding at exact halves may differ


@pytest.mark.parametrize("shape", SHAPES)
def test_rotation_keeps_distances_in_millimetres(shape):
    dims = len(shape)
    spacing = np.array((3.0, 0.7, 1.5)[:dims])
    p = decide(dims, affine=1, scale=(1.0, 1.0), rotation_degrees=90, spacing=tuple(spacing))
    world = np.diag(spacing) @ np.asarray(p.matrix) @ np.diag(1 / spacing)
    np.testing.assert_allclose(world @ world.T, np.eye(dims), atol=1e-9)
    assert np.linalg.det(world) > 0 and not np.allclose(world, np.eye(dims))


def test_scale_is_within_its_range_and_enlarges():
    sizes = [1 / np.linalg.det(decide(3, i, affine=1, scale=(0.5, 2.0)).matrix) ** (1 / 3) for i in range(200)]
    assert 0.5 <= min(sizes) < 0.6 and 1.7 < max(sizes) <= 2.0 and abs(np.median(sizes) - 1) < 0.2
    ball = (np.square(np.indices((15, 15)) - 7).sum(0) < 16).astype(np.int64)
    double = SpatialParams(((0.5, 0.0), (0.0, 0.5)), 0.0, 0, (0, 1))
    _, grown = Spatial().apply(torch.zeros(1, 1, 15, 15), torch.from_numpy(ball)[None].clone(), [double])
    assert grown.sum() > 3 * ball.sum()


def test_a_scale_above_one_always_enlarges():
    sizes = [1 / np.linalg.det(decide(3, i, affine=1, scale=(1.2, 1.5)).matrix) ** (1 / 3) for i in range(20)]
    assert min(sizes) >= 1.2 and max(sizes) <= 1.5


def test_the_limit_holds_for_the_worst_control_points_and_not_much_beyond():
    size = 60
    limit = fold_limit_voxels((size,), (0,))
    moves = np.array(list(product((-1.0, 1.0), repeat=CELLS + 3))) * limit
    steps = np.diff(moves @ spline_matrix(size, CELLS).T.astype(float), axis=1)
    assert (1 + steps > 0).all() and not (1 + 1.5 * steps > 0).all()
    assert fold_limit_voxels((size, size), (0, 1)) == limit / 2  # both slopes may fall upon one voxel


def test_thick_slices_are_not_mixed():
    p = decide(3, affine=1, elastic=1, spacing=(8.0, 1.0, 1.0), anisotropic=True)
    where = looked_up(p, (6, 30, 32))
    np.testing.assert_allclose(where[0], np.indices((6, 30, 32))[0], atol=1e-4)
    np.testing.assert_allclose(where[1:], np.broadcast_to(where[1:, :1], where[1:].shape), atol=1e-4)
    assert np.abs(where[1:] - np.indices((6, 30, 32))[1:]).max() > 0.5


def test_thick_slices_move_alike_beside_volumes_that_may_be_mixed():
    shape, eye = (6, 20, 22), tuple(map(tuple, np.eye(3)))
    thick, free = (SpatialParams(eye, 0.8, 3, axes) for axes in ((1, 2), (0, 1, 2)))
    grid = sampling_grid([thick, free], shape, torch.device("cpu"))
    torch.testing.assert_close(grid[0, ..., :2], grid[0, :1, ..., :2].expand(6, -1, -1, -1))
    assert not torch.allclose(grid[1, ..., :2], grid[1, :1, ..., :2].expand(6, -1, -1, -1))


@pytest.mark.parametrize("shape", [(24, 30, 26), (40, 64)])
@pytest.mark.parametrize("seed", range(5))
def test_elastic_never_folds(shape, seed):
    p = SpatialParams(tuple(map(tuple, np.eye(len(shape)))), 0.9, seed, tuple(range(len(shape))))
    where = looked_up(p, shape)
    jacobian = np.stack([np.stack(np.gradient(each)) for each in where])
    assert np.linalg.det(np.moveaxis(jacobian, (0, 1), (-2, -1))).min() > 0
    moved = np.abs(where - np.indices(shape)).max()
    assert 0.3 < moved <= fold_limit_voxels(shape, range(len(shape)))


@pytest.mark.parametrize("shape", [(20, 24, 16), (40, 64)])
@pytest.mark.parametrize("anisotropic", [False, True])
def test_all_together_never_folds(shape, anisotropic):
    for seed in range(4):
        p = decide(
            len(shape), seed, affine=1, elastic=1, crop_resize=1, rotation_degrees=45, scale=(0.5, 2.0),
            spacing=(3.0, 1.0, 1.5), anisotropic=anisotropic,
        )  # fmt: skip
        jacobian = np.stack([np.stack(np.gradient(each)) for each in looked_up(p, shape)])
        assert np.linalg.det(np.moveaxis(jacobian, (0, 1), (-2, -1))).min() > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cropped_box_fills_the_patch(shape):
    for seed in range(5):
        p = decide(len(shape), seed, affine=0, crop_resize=1)
        where = looked_up(p, shape)
        for axis, (size, offset) in enumerate(zip(np.diag(p.matrix), p.offset, strict=True)):
            n = shape[axis]
            along = np.moveaxis(where[axis], axis, 0).reshape(n, -1)
            wanted = (np.arange(n) + 0.5 - n / 2) * size + n / 2 + offset * size * n - 0.5
            np.testing.assert_allclose(along, np.broadcast_to(wanted[:, None], along.shape), atol=1e-4)
            assert 0.6 <= size <= 1 and abs(offset * size) <= (1 - size) / 2 + 1e-9


def test_crops_change_no_other_decision():
    for seed in range(20):
        alone, both = decide(3, seed, elastic=0.5), decide(3, seed, elastic=0.5, crop_resize=1e-9)
        assert alone == both or alone is None


def test_image_and_label_move_together():
    image = torch.zeros(1, 1, 20, 20, 20)
    image[..., 6:14, 6:14, 6:14] = 1
    label = image[:, 0].long()
    image, label = Spatial().apply(image, label, [decide(3, affine=1, elastic=1)])
    sure = (image[:, 0] - 0.5).abs() > 0.45
    assert torch.equal(image[:, 0][sure].round().long(), label[sure])


def test_slices_that_move_alike_are_as_if_each_were_looked_up():
    p = decide(3, 1, affine=1, elastic=1, crop_resize=1, spacing=(8.0, 1.0, 1.5), anisotropic=True)
    rng = np.random.default_rng(0)
    image, label = rng.standard_normal((2, 5, 14, 16), dtype=np.float32), rng.integers(0, 9, (5, 14, 16))
    where = looked_up(p, label.shape)
    got, got_label = Spatial().apply(torch.from_numpy(image.copy())[None], torch.from_numpy(label.copy())[None], [p])
    for channel in range(2):
        wanted = map_coordinates(image[channel], where, order=1, mode="nearest")
        np.testing.assert_allclose(got[0, channel], wanted, atol=1e-4)
    assert (got_label[0].numpy() == map_coordinates(label, where, order=0, mode="nearest")).mean() > 0.995


def test_only_the_affected_are_touched():
    image, label = torch.randn(3, 1, 8, 8), torch.randint(0, 3, (3, 8, 8))
    after, _ = Spatial().apply(image.clone(), label.clone(), [None, decide(2, affine=1), None])
    assert torch.equal(after[::2], image[::2]) and not torch.equal(after[1], image[1])
