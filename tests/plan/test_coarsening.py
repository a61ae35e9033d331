from __future__ import annotations

from math import inf, pi, prod

import pytest

from delineate.dataset.fingerprint import CaseFingerprint, Fingerprint
from delineate.plan.coarsening import coarser_spacing, smallest_diameter_mm


def finger_of(*class_voxels, spacing_mm=(1.0, 1.0, 1.0)):
    cases = tuple(
        CaseFingerprint(
            name=f"c{n}", shape=(200, 200, 200), spacing_mm=spacing_mm, crop_start=(0, 0, 0),
            crop_shape=(200, 200, 200), class_voxels=voxels, content="",
        )
        for n, voxels in enumerate(class_voxels)
    )  # fmt: skip
    return Fingerprint(cases=cases, channels=(), class_names=tuple("abc"[: len(class_voxels[0])]))


BIG = finger_of((5_000_000,))


def test_a_patch_that_sees_enough_changes_nothing():
    assert coarser_spacing(BIG, (1.0, 1.0, 1.0), 0.2, 0.1) is None


def test_scans_seen_often_enough_change_nothing():
    assert coarser_spacing(BIG, (1.0, 1.0, 1.0), 0.001, 60.0) is None
    assert coarser_spacing(BIG, (1.0, 1.0, 1.0), 0.001, inf) is None  # no time limit


@pytest.mark.parametrize(("share", "passes", "fewer"), [(1 / 64, 0.1, 8), (1e-6, 50 / 27, 27)])
def test_as_coarse_as_the_nearer_of_the_two_asks(share, passes, fewer):
    coarse = coarser_spacing(BIG, (1.0, 1.0, 1.0), share, passes)
    assert coarse == pytest.approx((fewer ** (1 / 3),) * 3, abs=1e-3)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (5.0, 1.0, 2.0), (0.5, 0.7, 0.6)])
@pytest.mark.parametrize("fewer", [1.5, 4.0, 9.0, 60.0])
def test_fine_axes_become_coarser_first_and_as_many_voxels_are_saved_as_asked(spacing, fewer):
    coarse = coarser_spacing(BIG, spacing, 1 / 8 / fewer, 0.001)
    assert prod(coarse) / prod(spacing) == pytest.approx(fewer, rel=0.01)
    level = min(coarse)
    assert all(
        after == pytest.approx(max(before, level), abs=1e-3) for before, after in zip(spacing, coarse, strict=True)
    )


def test_the_smallest_class_stays_wide_enough():
    ball = round(pi / 6 * 16**3)  # a ball of 16 mm
    finger = finger_of(*[(5_000_000, ball)] * 9, (5_000_000, 0))
    assert smallest_diameter_mm(finger) == pytest.approx(16.0, rel=0.01)
    assert max(coarser_spacing(finger, (1.0, 1.0, 1.0), 1e-6, 0.001)) == pytest.approx(2.0, rel=0.01)
    assert coarser_spacing(finger, (2.5, 2.5, 2.5), 1e-6, 0.001) is None  # it is not as it was


def test_little_to_gain_changes_nothing():
    assert coarser_spacing(BIG, (1.0, 1.0, 1.0), 1 / 9, 0.1) is None


def test_without_classes_nothing_limits():
    assert smallest_diameter_mm(finger_of((0,), (0,))) == inf
