"""What every normaliser promises."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import PlanError, UnknownNameError
from delineate.plan.plan import Normaliser
from delineate.store.normalise import NORMALISERS, scheme_of

NUMBERS = {"low": 10.0, "high": 200.0, "mean": 90.0, "std": 40.0, "maximum": 255.0}


def scheme(name):
    needed = {n: NUMBERS[n] for n in NORMALISERS[name].needs}
    return scheme_of(Normaliser(name=name, numbers=needed)), needed


@pytest.fixture
def channel():
    array = np.random.default_rng(0).uniform(1, 255, (6, 7, 8)).astype(np.float32)
    array[:2] = 0
    return array


@pytest.mark.parametrize("name", NORMALISERS.names())
def test_gives_finite_floats_of_the_same_shape_on_a_common_scale(name, channel):
    made, numbers = scheme(name)
    out = made.apply(channel.copy(), numbers)
    assert out.shape == channel.shape and out.dtype == np.float32 and np.isfinite(out).all()
    assert np.abs(out).max() < 10 and 0.3 < out.std() < 3


@pytest.mark.parametrize("name", NORMALISERS.names())
def test_keeps_the_order_of_intensities(name, channel):
    made, numbers = scheme(name)
    body = channel != 0
    order = np.argsort(channel[body])
    assert (np.diff(made.apply(channel.copy(), numbers)[body][order]) >= 0).all()


@pytest.mark.parametrize("value", [0.0, 37.0, -1024.0, 1e7, 0.1])
@pytest.mark.parametrize("name", NORMALISERS.names())
def test_a_constant_scan_is_safe(name, value):
    made, numbers = scheme(name)
    out = made.apply(np.full((3, 4, 5), value, np.float32), numbers)
    assert np.isfinite(out).all() and np.ptp(out) == 0


@pytest.mark.parametrize("name", [n for n in NORMALISERS.names() if NORMALISERS[n].needs])
def test_missing_numbers_are_named(name):
    with pytest.raises(PlanError, match="lacks " + NORMALISERS[name].needs[0]):
        scheme_of(Normaliser(name=name))


def test_formulas(channel):
    ct, _ = scheme("ct")
    np.testing.assert_allclose(ct.apply(channel.copy(), NUMBERS), (channel.clip(10, 200) - 90) / 40, rtol=1e-4)
    z, _ = scheme("zscore")
    np.testing.assert_allclose(z.apply(channel.copy(), {}), (channel - channel.mean()) / channel.std(), atol=1e-4)
    body = channel[channel != 0]
    n, _ = scheme("zscore_nonzero")
    out = n.apply(channel.copy(), {})
    np.testing.assert_allclose(out[channel != 0], (body - body.mean()) / body.std(), atol=1e-4)
    assert (out[channel == 0] == 0).all()
    s, _ = scheme("scale")
    np.testing.assert_allclose(s.apply(channel.copy(), NUMBERS), (channel / 255 - 0.5) / 0.25, atol=1e-5)


def test_an_unknown_name_answers_with_the_nearest():
    with pytest.raises(UnknownNameError, match="zscore"):
        scheme_of(Normaliser(name="z-score"))
