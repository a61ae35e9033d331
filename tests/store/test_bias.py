from __future__ import annotations

import numpy as np
import pytest

from delineate.core.volume import Volume
from delineate.plan.plan import Normaliser
from delineate.store.bias import correct_bias, corrected_channels
from delineate.store.scan import prepare_case


def shaded(shape=(16, 40, 36)):
    """Two tissues in air, the field that shades them, and the mask of each."""
    grid = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    radius = np.sqrt(sum(g**2 for g in grid) / 1.2)
    clean = np.where(radius < 0.9, np.where(radius < 0.5, 300.0, 200.0), 0.0)
    clean *= 1 + np.random.default_rng(0).normal(0, 0.02, shape)
    field = np.exp(0.35 * grid[1] + 0.2 * grid[2])
    return (clean * field).astype(np.float32), field, (radius < 0.45), (radius > 0.55) & (radius < 0.85)


def spread(values):
    return values.std() / values.mean()


def test_the_field_is_taken_out():
    array, field, inner, outer = shaded()
    before = array.copy()
    found = correct_bias(array, (4.0, 4.0, 4.0))
    np.testing.assert_array_equal(array, before)
    assert found.dtype == np.float32 and found.shape == array.shape and (found[array == 0] == 0).all()
    for tissue in (inner, outer):
        assert spread(found[tissue]) < 0.4 * spread(array[tissue])
    ratio = (array / np.where(found == 0, 1, found))[outer]
    assert np.corrcoef(ratio, field[outer])[0, 1] > 0.98


def test_it_does_not_depend_on_how_the_scan_was_stored(words):
    array, _, _, outer = shaded((10, 20, 18))
    plan = words.plan_of((4.0, 4.0, 4.0), n4=("MR",))
    scan = Volume(array[None], words.scan_of((10, 20, 18), (4.0, 4.0, 4.0)).geometry)
    expected, _ = prepare_case(scan, plan, plan.stages[0])
    raw, _ = prepare_case(scan, words.plan_of((4.0, 4.0, 4.0)), plan.stages[0])
    assert spread(np.exp(raw[0][outer])) > 1.2 * spread(np.exp(expected[0][outer]))
    image, _ = prepare_case(words.turned(scan, *words.orientations[37]), plan, plan.stages[0])
    np.testing.assert_array_equal(image, expected)


def test_only_named_channels_are_corrected(words):
    array = shaded()[0]
    plan = words.plan_of(
        (4.0, 4.0, 4.0), channels=("CT", "MR"), n4=("MR",), normalisers=(Normaliser(name="zscore"),) * 2
    )
    scan = Volume(np.stack([array, array]), words.scan_of(array.shape, (4.0, 4.0, 4.0)).geometry)
    first, second = corrected_channels(scan, plan)
    assert first is not None and np.array_equal(first, array) and not np.array_equal(second, array)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan, -3.0])
@pytest.mark.parametrize("shape", [(4, 5, 6), (1, 30, 30), (1, 1, 9), (1, 1, 1)])
def test_what_cannot_be_corrected_stays_as_it_is(value, shape):
    array = np.full(shape, value, np.float32)
    np.testing.assert_array_equal(correct_bias(array, (1.0, 1.0, 1.0)), array)


def test_a_single_slice_is_corrected_as_a_picture():
    array, _, _, outer = shaded((16, 60, 56))
    found = correct_bias(array[8:9], (8.0, 3.0, 3.0))
    assert found.shape == (1, 60, 56) and spread(found[outer[8:9]]) < 0.6 * spread(array[8:9][outer[8:9]])
