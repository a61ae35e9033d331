from __future__ import annotations

import random
from math import prod

import pytest

from delineate.plan.topology import MAX_STAGES, MIN_EDGE, choose_topology, fit_patch


def total_stride(topology):
    return tuple(prod(axis) for axis in zip(*topology.strides, strict=True))


def test_isotropic_patches_are_halved_on_all_axes():
    topology = choose_topology((32, 32, 32), (1.0, 1.0, 1.0))
    assert topology.strides == ((1, 1, 1), (2, 2, 2), (2, 2, 2), (2, 2, 2))
    assert topology.kernels == ((3, 3, 3),) * 4
    assert topology.stages == 4


def test_a_coarse_axis_waits_until_the_others_are_as_coarse():
    topology = choose_topology((10, 160, 160), (10.0, 1.5, 1.5))
    assert topology.strides[:4] == ((1, 1, 1), (1, 2, 2), (1, 2, 2), (2, 2, 2))
    assert topology.kernels[:3] == ((1, 3, 3), (1, 3, 3), (3, 3, 3))


@pytest.mark.parametrize("seed", range(25))
def test_every_topology_keeps_its_rules(seed):
    draw = random.Random(seed)
    dims = draw.choice((2, 3))
    patch = tuple(draw.randint(1, 300) for _ in range(dims))
    topology = choose_topology(patch, tuple(draw.choice((0.5, 1.0, 3.0, 8.0)) for _ in range(dims)))
    assert topology.strides[0] == (1,) * dims
    assert 1 <= topology.stages <= MAX_STAGES
    assert len(topology.kernels) == topology.stages
    for size, stride in zip(patch, total_stride(topology), strict=True):
        assert stride == 1 or size / stride > MIN_EDGE / 2
    assert {k for kernel in topology.kernels for k in kernel} <= {1, 3}
    assert {s for stride in topology.strides for s in stride} <= {1, 2}


@pytest.mark.parametrize("seed", range(25))
def test_every_patch_fits_the_network_and_the_scan(seed):
    draw = random.Random(seed)
    shape = tuple(draw.randint(8, 400) for _ in range(3))
    spacing = tuple(draw.choice((0.7, 1.0, 2.0, 6.0)) for _ in range(3))
    patch = fit_patch(shape, spacing, 96**3)
    stride = total_stride(choose_topology(patch, spacing))
    assert all(n % s == 0 for n, s in zip(patch, stride, strict=True))
    assert all(n < size + 128 for n, size in zip(patch, shape, strict=True))


def test_a_large_scan_gets_a_cube_of_the_voxels_asked_for():
    assert fit_patch((500, 500, 500), (1.0, 1.0, 1.0), 96**3) == (96, 96, 96)


def test_a_small_scan_is_covered_whole():
    assert fit_patch((36, 50, 35), (1.0, 1.0, 1.0), 128**3) == (40, 56, 40)


def test_what_a_short_axis_leaves_goes_to_the_others():
    patch = fit_patch((10, 500, 500), (1.0, 1.0, 1.0), 64**3)
    assert patch[0] <= 16
    assert patch[1] == patch[2] > 64


def test_the_patch_covers_the_same_millimetres():
    patch = fit_patch((500, 500, 500), (2.0, 1.0, 1.0), 64**3)
    assert patch[1] == patch[2]
    assert patch[0] * 2.0 == pytest.approx(patch[1], rel=0.3)
