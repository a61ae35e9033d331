"""What every normaliser promises."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import PlanError, UnknownNameError
from delineate.plan.plan import Normaliser
from delineate.store.normalise import NORMALISERS, refuse_unknown_normaliser, scheme_of

NUMBERS = {"low": 10.0, "high": 200.0, "mean": 90.0, "std": 40.0, "maximum": 255.0, "level": 120.0, "width": 250.0}
NUMBERS |= {f"landmark_{p:02d}": -2 + 4 * (p / 100) ** 1.5 for p in (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99)}


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


@pytest.mark.parametrize("name", [n for n in NORMALISERS.names() if NORMALISERS[n].keeps_zero])
def test_a_scan_that_is_mostly_zeros_is_safe(name):
    made, numbers = scheme(name)
    array = np.zeros((4, 5, 6), np.float32)
    array[0, 0, :4] = 100, 150, 700, 900
    out = made.apply(array.copy(), numbers)
    assert np.isfinite(out).all() and len(np.unique(out[array == 0])) == 1
    assert out[0, 0, 0] < out[0, 0, 3]


@pytest.mark.parametrize("name", NORMALISERS.names())
def test_negative_scans_and_outliers_stay_finite_in_half_precision(name, channel):
    made, numbers = scheme(name)
    channel -= 300
    channel[0, 0, 0] = 3e7
    out = made.apply(channel, numbers)
    assert np.isfinite(out).all() and np.isfinite(out.astype(np.float64)).all() and out.dtype == np.float32


@pytest.mark.parametrize("name", [n for n in NORMALISERS.names() if NORMALISERS[n].needs])
def test_missing_numbers_are_named(name):
    with pytest.raises(PlanError, match="lacks " + NORMALISERS[name].needs[0]):
        scheme_of(Normaliser(name=name))


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-300])
@pytest.mark.parametrize(("name", "number"), [(n, p) for n in NORMALISERS.names() for p in NORMALISERS[n].positive])
def test_numbers_that_are_divided_by_must_be_above_zero(name, number, value):
    _, numbers = scheme(name)
    with pytest.raises(PlanError, match=rf"{name} has {number} = "):
        scheme_of(Normaliser(name=name, numbers={**numbers, number: value}))


@pytest.mark.parametrize("name", [n for n in NORMALISERS.names() if NORMALISERS[n].rising])
def test_numbers_that_must_not_fall(name):
    _, numbers = scheme(name)
    first, *_, last = NORMALISERS[name].rising
    with pytest.raises(PlanError, match=rf"{name} has \w+ = .* and \w+ = "):
        scheme_of(Normaliser(name=name, numbers={**numbers, first: numbers[last], last: numbers[first]}))


def test_the_schemes_that_divide_by_a_number_of_the_plan_say_so():
    assert {n: NORMALISERS[n].positive for n in ("ct", "scale", "window")} == {
        "ct": ("std",), "scale": ("maximum",), "window": ("width",)
    }  # fmt: skip
    assert NORMALISERS["ct"].rising == ("low", "high") and len(NORMALISERS["nyul"].rising) == 11


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

    w, _ = scheme("window")
    np.testing.assert_allclose(w.apply(channel.copy(), NUMBERS), (channel.clip(-5, 245) - 120) / 62.5, atol=1e-5)
    p, _ = scheme("percentile")
    low, high = np.percentile(body, (0.5, 99.5))
    expected = 4 * (channel.clip(low, high) - low) / (high - low) - 2
    np.testing.assert_allclose(p.apply(channel.copy(), {}), expected, atol=1e-4)


def test_an_unknown_name_answers_with_the_nearest_and_the_list():
    with pytest.raises(UnknownNameError, match="zscore"):
        scheme_of(Normaliser(name="z-score"))
    for wanted in ("z-score", ("zscore", "z-score")):
        with pytest.raises(UnknownNameError, match=", ".join(NORMALISERS.names())):
            refuse_unknown_normaliser(wanted)
    for wanted in ("window", "window:kidney"):
        with pytest.raises(UnknownNameError, match="window:lung, window:liver"):
            refuse_unknown_normaliser(wanted)
    with pytest.raises(UnknownNameError, match="no preset"):
        refuse_unknown_normaliser("zscore:liver")
    refuse_unknown_normaliser(("window:liver", "nyul"))
    refuse_unknown_normaliser(None)
