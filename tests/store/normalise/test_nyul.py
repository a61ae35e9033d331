from __future__ import annotations

import numpy as np
import pytest

from delineate.dataset.landmarks import PERCENTILES, body_landmarks, landmark_names, mean_landmarks
from delineate.plan.plan import Normaliser
from delineate.store.normalise import scheme_of


def brain(seed, gain, offset, gamma=1.0):
    """Three tissues in zeros, seen by another scanner each time."""
    rng = np.random.default_rng(seed)
    array = np.zeros((12, 24, 24))
    tissues = rng.choice((0.25, 0.55, 0.9), p=(0.2, 0.45, 0.35), size=(8, 18, 18))
    array[2:10, 3:21, 3:21] = gain * np.clip(tissues + rng.normal(0, 0.05, tissues.shape), 0.05, None) ** gamma + offset
    return array.astype(np.float32)


def reference(training, scan):
    """Nyul & Udupa as their papers tell it, voxel by voxel and in plain Python: foreground above the mean; percentiles
    of each training scan mapped by (x - p1) / (p2 - p1) onto the standard scale and averaged; then piecewise linear."""

    def landmarks(image):
        inside = [v for v in image.ravel().tolist() if v != 0]
        mean = sum(inside) / len(inside)
        bright = sorted(v for v in inside if v > mean)
        found = []
        for p in (1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99):
            place = p / 100 * (len(bright) - 1)
            k = min(int(place), len(bright) - 2)
            found.append(bright[k] + (place - k) * (bright[k + 1] - bright[k]))
        return found

    every = [landmarks(image) for image in training]
    scaled = [[-2 + 4 * (m - own[0]) / (own[-1] - own[0]) for m in own] for own in every]
    standard = [sum(column) / len(column) for column in zip(*scaled, strict=True)]
    own = landmarks(scan)
    out = []
    for v in scan.ravel().tolist():
        k = 0
        while k < len(own) - 2 and v > own[k + 1]:
            k += 1
        slope = (standard[k + 1] - standard[k]) / (own[k + 1] - own[k])
        out.append(min(6.0, max(-6.0, standard[k] + slope * (v - own[k]))))
    return np.array(out).reshape(scan.shape)


def learned(scans):
    standard = mean_landmarks([body_landmarks(s) for s in scans])
    normaliser = Normaliser(name="nyul", numbers=dict(zip(landmark_names(), standard, strict=True)))
    return scheme_of(normaliser), normaliser.numbers


def test_the_numbers_are_those_of_the_papers():
    training = [brain(n, gain, offset, gamma) for n, (gain, offset, gamma) in enumerate([(900, 0, 1), (90, 9, 1.4)])]
    scheme, numbers = learned(training)
    scan = brain(7, 300, 40, 0.8)
    np.testing.assert_allclose(scheme.apply(scan.copy(), numbers), reference(training, scan), atol=2e-5)


@pytest.mark.parametrize(("offset", "gamma", "apart"), [(0, 1.0, 1e-3), (11, 1.15, 0.06)])
def test_scanners_agree_afterwards(offset, gamma, apart):
    scheme, numbers = learned([brain(n, 500 + 100 * n, 10 * n) for n in range(4)])
    first, second = brain(9, 800, 0), brain(9, 80, offset, gamma)
    bright = first > first[first != 0].mean()
    a, b = (scheme.apply(scan, numbers) for scan in (first, second))
    assert np.abs(a - b)[bright].mean() < apart and a[bright].std() > 0.5


def test_what_is_learned_does_not_depend_on_padding_or_unit():
    scan = brain(3, 400, 20)
    np.testing.assert_allclose(body_landmarks(np.pad(scan, 5)), body_landmarks(scan))
    np.testing.assert_allclose(
        mean_landmarks([body_landmarks(scan * 7)]), mean_landmarks([body_landmarks(scan)]), atol=1e-5
    )


def test_landmarks_that_fall_together_do_no_harm():
    scheme, numbers = learned([brain(n, 500, 0) for n in range(2)])
    few = np.zeros((6, 8, 8), np.float32)
    few[1:, 2:] = np.random.default_rng(0).integers(1, 4, (5, 6, 8))
    out = scheme.apply(few.copy(), numbers)
    assert np.isfinite(out).all() and (np.diff([out[few == v].mean() for v in (1, 2, 3)]) >= 0).all()


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_constant_scan_teaches_nothing(value):
    constant = np.full((4, 5, 6), value, np.float32)
    assert mean_landmarks([body_landmarks(constant)]) == ()
    assert mean_landmarks([body_landmarks(constant), body_landmarks(brain(0, 9, 0))])[-1] == pytest.approx(2)
    assert len(PERCENTILES) == len(landmark_names()) == 11
