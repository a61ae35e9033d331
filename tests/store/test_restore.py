from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.store import restore
from delineate.store.resample import resample_linear
from delineate.store.restore import restore_logits
from delineate.store.scan import prepare_case
from delineate.store.trace import Trace

TWO = Labels.exclusive({1: "one", 2: "two"})
REGIONS = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2))


def straight(original, crop_start, crop_shape, prepared):
    grid = Geometry(shape=original)
    fixed = {"axes": (0, 1, 2), "flips": (False,) * 3}
    return Trace(original=grid, crop_start=crop_start, crop_shape=crop_shape, prepared_shape=prepared, **fixed)


def noise(shape, channels=3):
    return gaussian_filter(np.random.default_rng(0).normal(size=(channels, *shape)), (0, 1, 1, 1)).astype(np.float32)


def test_logits_are_interpolated_then_decided_slab_by_slab(monkeypatch):
    monkeypatch.setattr(restore, "RESTORE_VOXELS", 1000)
    trace = straight((30, 32, 36), (3, 2, 4), (24, 26, 28), (11, 30, 15))
    logits = noise((11, 30, 15))
    full = np.stack([resample_linear(c, (24, 26, 28)) for c in logits])
    ids = restore_logits(logits, trace, TWO)
    assert ids.shape == (30, 32, 36) and ids.dtype == np.uint8
    inside = ids[3:27, 2:28, 4:32]
    sure = np.diff(np.sort(full, axis=0)[-2:], axis=0)[0] > 1e-5
    np.testing.assert_array_equal(inside[sure], full.argmax(axis=0)[sure])
    assert np.count_nonzero(ids) == np.count_nonzero(inside)
    half = restore_logits(logits.astype(np.float16), trace, TWO)
    assert np.mean(half == ids) > 0.999


def test_pictures_as_they_are_need_no_matrices():
    trace = straight((1, 60, 3000), (0, 0, 0), (1, 60, 3000), (1, 60, 3000))
    logits = noise((1, 60, 3000))
    kept = logits.copy()
    tracemalloc.start()
    ids = restore_logits(logits, trace, TWO)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(ids, kept.argmax(axis=0))
    np.testing.assert_array_equal(logits, kept)
    assert peak < 8 * logits.nbytes


def test_regions_are_written_in_order():
    trace = straight((10, 10, 10), (0, 0, 0), (10, 10, 10), (14, 8, 10))
    logits = noise((14, 8, 10), 2)
    whole, core = (resample_linear(c, (10, 10, 10)) > 0 for c in logits)
    ids = restore_logits(logits, trace, REGIONS)
    np.testing.assert_array_equal(ids, np.where(core, 2, np.where(whole, 1, 0)))


def test_without_resampling_it_is_the_argmax_and_the_logits_stay(words):
    scan = words.scan_of()
    plan = words.plan_of((1.0, 3.0, 1.2), crop="nonzero", axes=(1, 0, 2))
    for axes, flips in words.orientations[::5]:
        turned = words.turned(scan, axes, flips)
        _, trace = prepare_case(turned, plan, plan.stages[0])
        logits = noise(trace.prepared_shape)
        before = logits.copy()
        wanted = np.zeros(trace.original.shape, np.uint8)
        trace.view(wanted)[...] = logits.argmax(axis=0)
        np.testing.assert_array_equal(restore_logits(logits, trace, TWO), wanted)
        np.testing.assert_array_equal(logits, before)


def test_a_smooth_ball_comes_back_through_other_orientations(words):
    geometry = Geometry(shape=(16, 40, 36), spacing_mm=(3.0, 1.0, 1.0))
    truth = words.balls(geometry.shape)
    scan = Volume(np.ones((1, *geometry.shape), np.float32), geometry)
    plan = words.plan_of((1.5, 1.5, 1.5))
    for axes, flips in words.orientations[::3]:
        turned = words.turned(scan, axes, flips)
        label = words.turned(Volume(truth[None], geometry), axes, flips).array_czyx[0]
        _, trace = prepare_case(turned, plan, plan.stages[0])
        masks = [resample_linear(trace.view(label) == i, trace.prepared_shape) for i in range(3)]
        ids = restore_logits(np.stack(masks), trace, TWO)
        assert 2 * np.sum((ids > 0) & (label > 0)) / (np.sum(ids > 0) + np.sum(label > 0)) > 0.96


def test_full_size_floats_never_exist():
    trace = straight((96, 200, 200), (0, 0, 0), (96, 200, 200), (24, 50, 50))
    labels = Labels.exclusive({i: str(i) for i in range(1, 9)})
    logits = noise((24, 50, 50), 9)
    restore_logits(logits[:, :, :, :], trace, labels)
    tracemalloc.start()
    restore.RESTORE_VOXELS, kept = 400_000, restore.RESTORE_VOXELS
    try:
        restore_logits(logits, trace, labels)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        restore.RESTORE_VOXELS = kept
    assert peak < 96 * 200 * 200 * 4  # one float volume; nine channels would be nine


def test_what_does_not_fit_is_refused():
    trace = straight((4, 4, 4), (0, 0, 0), (4, 4, 4), (4, 4, 4))
    with pytest.raises(GeometryError, match="prediction of shape"):
        restore_logits(np.zeros((3, 4, 4, 5), np.float32), trace, TWO)
    with pytest.raises(GeometryError, match="2 logits"):
        restore_logits(np.zeros((2, 4, 4, 4), np.float32), trace, TWO)


@pytest.mark.parametrize(("labels", "channels"), [(TWO, 3), (REGIONS, 2)])
def test_probabilities_are_told_of_the_very_logits_that_are_decided(monkeypatch, labels, channels):
    monkeypatch.setattr(restore, "RESTORE_VOXELS", 3000)
    trace = straight((20, 22, 26), (3, 2, 4), (14, 16, 18), (11, 20, 15))
    logits = noise((11, 20, 15), channels)
    heard = np.full((2, 14, 16, 18), np.nan, np.float32)

    def tell(number, first, probability):
        heard[number, first : first + len(probability)] = probability

    ids = restore_logits(logits, trace, labels, tell)
    whole = np.stack([resample_linear(c, (14, 16, 18)) for c in logits])
    share = 1 / (1 + np.exp(-whole)) if labels.regions else (np.exp(whole) / np.exp(whole).sum(axis=0))[1:]
    np.testing.assert_allclose(heard, share, atol=1e-5)
    assert np.mean(ids == restore_logits(logits, trace, labels)) > 0.9999
