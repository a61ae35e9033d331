"""The brain MR."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from delineate.phantom import brain
from delineate.phantom.brain import CLASSES, SEQUENCES, draw_brain, draw_incomplete_brain

SHAPE = (40, 48, 48)


@pytest.mark.parametrize("sequences", [2, 3, 4])
def test_sequences_and_a_background_of_exact_zeros(sequences: int) -> None:
    scan = draw_brain(SHAPE, np.random.default_rng(0), sequences)
    assert scan.channels == SEQUENCES[:sequences]
    assert scan.image_czyx.dtype == np.int16
    assert (scan.image_czyx[:, :2, :2] == 0).all()
    assert 0.3 < (scan.image_czyx[0] == 0).mean() < 0.8
    assert (scan.image_czyx >= 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_the_tumour_is_nested_and_inside_the_brain(seed: int) -> None:
    scan = draw_brain(SHAPE, np.random.default_rng(seed), 2)
    label = scan.label_zyx
    assert set(np.unique(label)) == {0, *CLASSES.values()}
    assert not (ndimage.binary_dilation(label == 3) & (label == 0)).any() or (label == 2).sum() > (label == 3).sum()
    for inner in (2, 3):
        inside = ndimage.binary_fill_holes(label >= inner - 1)
        assert inside[label == inner].all()
    assert (scan.image_czyx[0][label > 0] > 0).mean() > 0.99
    assert (label == 1).sum() > (label == 2).sum() > 50


def test_the_tumour_shows() -> None:
    scan = draw_brain(SHAPE, np.random.default_rng(1), 2)
    flair, t1c = scan.image_czyx
    brain = (flair > 0) & (scan.label_zyx == 0)
    assert flair[scan.label_zyx == 1].mean() > 1.5 * flair[brain].mean()
    assert t1c[scan.label_zyx == 3].mean() > 2 * t1c[scan.label_zyx == 2].mean()


def test_a_bias_field_of_its_own_lies_over_each_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = draw_brain(SHAPE, np.random.default_rng(2), 2)
    real = brain.smooth_field
    monkeypatch.setattr(brain, "smooth_field", lambda rng, knots: 0 * real(rng, knots))  # the same numbers are drawn
    flat = draw_brain(SHAPE, np.random.default_rng(2), 2)
    bright = (np.minimum(scan.image_czyx, flat.image_czyx) > 200).all(0)
    fields = np.log(scan.image_czyx[:, bright] / flat.image_czyx[:, bright])
    assert (fields.std(1) > 0.06).all(), "it varies over the brain by more than the texture does"
    assert abs(np.corrcoef(fields)[0, 1]) < 0.9


def test_noise_lies_over_the_brain(monkeypatch: pytest.MonkeyPatch) -> None:
    scan = draw_brain(SHAPE, np.random.default_rng(2), 2)
    real = brain.grain
    monkeypatch.setattr(brain, "grain", lambda *given: 0 * real(*given))
    clean = draw_brain(SHAPE, np.random.default_rng(2), 2)
    inside = (clean.image_czyx > 0).all(0)
    for noisy, plain in zip(scan.image_czyx, clean.image_czyx, strict=True):
        difference = (noisy - plain)[inside]
        assert 0.01 < difference.std() / plain[inside].mean() < 0.3


def test_a_sequence_may_be_missing() -> None:
    scans = [draw_incomplete_brain(SHAPE, np.random.default_rng(i), 3) for i in range(8)]
    counts = [len(s.channels) for s in scans]
    assert set(counts) == {2, 3}
    for scan in scans:
        assert scan.image_czyx.shape == (len(scan.channels), *SHAPE)
