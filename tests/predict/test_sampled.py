from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.predict.sampled import SampledLogits, thin_steps
from delineate.store.restore import restore_logits
from delineate.store.trace import Trace

SHAPE = (23, 30, 41)
LABELS = Labels.exclusive({1: "a", 2: "b"})


@pytest.fixture
def logits():
    return np.random.default_rng(0).normal(0, 3, (3, *SHAPE)).astype(np.float32)


def trace(crop):
    return Trace(
        original=Geometry(shape=crop), axes=(0, 1, 2), flips=(False,) * 3, crop_start=(0, 0, 0), crop_shape=crop,
        prepared_shape=SHAPE,
    )  # fmt: skip


@pytest.mark.parametrize("crop", [SHAPE, (46, 30, 50), (9, 30, 41)])
def test_restoring_through_it_changes_nothing_and_keeps_the_grid_that_was_read(logits, crop):
    sampled = SampledLogits(logits, most=2000)
    np.testing.assert_array_equal(
        restore_logits(sampled, trace(crop), LABELS), restore_logits(logits, trace(crop), LABELS)
    )
    places = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    where = sampled.of_read(places[sampled.grid])
    assert 100 < len(where) <= 2000
    wanted = torch.softmax(torch.from_numpy(logits), 0).numpy().reshape(3, -1)[:, where]
    np.testing.assert_allclose(sampled.probabilities(sigmoid=False), wanted, atol=1e-6)
    if crop == SHAPE:
        z, y, x = sampled.steps
        np.testing.assert_array_equal(where, places[::z, ::y, ::x].reshape(-1))


def test_regions_have_a_sigmoid_each(logits):
    sampled = SampledLogits(logits)
    for k in range(3):
        for first in range(0, SHAPE[0], 5):
            sampled[k, slice(first, first + 5)]
    wanted = torch.sigmoid(torch.from_numpy(logits)).numpy().reshape(3, -1)
    np.testing.assert_allclose(sampled.probabilities(sigmoid=True), wanted, atol=1e-6)


def test_slabs_that_begin_between_two_kept_slices(logits):
    sampled = SampledLogits(logits, most=1000)
    assert sampled.steps[0] > 1 and 5 % sampled.steps[0]
    for k in range(3):
        for first in range(0, SHAPE[0], 5):
            sampled[k, slice(first, first + 5)]
    wanted = torch.softmax(torch.from_numpy(logits[(slice(None), *sampled.grid)]), 0).numpy().reshape(3, -1)
    np.testing.assert_allclose(sampled.probabilities(sigmoid=False), wanted, atol=1e-6)


def test_what_was_not_read_is_not_there(logits):
    sampled = SampledLogits(logits)
    for k in range(3):
        sampled[k, slice(4, 6)]
    assert sampled.probabilities(sigmoid=False).shape == (3, 2 * 30 * 41)
    slices = np.arange(23)[:, None, None] + np.zeros(SHAPE, int)
    np.testing.assert_array_equal(sampled.of_read(slices[sampled.grid])[[0, -1]], [4, 5])


@pytest.mark.parametrize("shape", [(1, 512, 512), (200, 512, 512), (3, 4, 5), (1, 1, 10**6)])
def test_steps_leave_no_more_than_allowed_and_thin_nothing_small(shape):
    steps = thin_steps(shape, 1 << 16)
    left = np.prod([-(-n // s) for n, s in zip(shape, steps, strict=True)])
    assert left <= 1 << 16
    assert left > 1 << 14 or steps == (1, 1, 1)
