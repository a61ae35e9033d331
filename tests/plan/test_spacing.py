from __future__ import annotations

import pytest

from delineate.plan.spacing import choose_axes, median_shape, spacings_zyx, target_spacing


def test_isotropic_scans_stay_as_they_are(words):
    finger = words.hippocampus()
    assert choose_axes(finger) == (0, 1, 2)
    assert target_spacing(finger, (0, 1, 2)) == ((1.0, 1.0, 1.0), False)
    assert spacings_zyx(finger).shape == (3, 3)


@pytest.mark.parametrize(
    ("spacing", "axes"),
    [
        ((5.0, 1.0, 1.0), (0, 1, 2)),
        ((1.0, 5.0, 1.0), (1, 0, 2)),
        ((1.0, 1.0, 5.0), (2, 0, 1)),
        ((1.0, 1.005, 1.0), (0, 1, 2)),
    ],
)
def test_the_coarsest_axis_comes_first(words, spacing, axes):
    assert choose_axes(words.finger([words.case((20, 20, 20), spacing)])) == axes


def test_the_coarse_axis_takes_the_tenth_percentile(words):
    cases = [words.case((9, 237, 208), (float(z), 1.5, 1.5)) for z in range(5, 16)]
    spacing, anisotropic = target_spacing(words.finger(cases), (0, 1, 2))
    assert anisotropic
    assert spacing == pytest.approx((6.0, 1.5, 1.5))


def test_the_coarse_axis_never_gets_finer_than_the_others(words):
    cases = [words.case((9, 300, 300), (z, 1.5, 1.5)) for z in (0.5, 10.0, 10.0)]
    spacing, _ = target_spacing(words.finger(cases), (0, 1, 2))
    assert spacing[0] >= 1.5


def test_a_coarse_axis_with_many_slices_keeps_its_median(words):
    cases = [words.case((200, 200, 200), (z, 1.0, 1.0)) for z in (3.0, 4.0, 5.0)]
    assert target_spacing(words.finger(cases), (0, 1, 2)) == ((4.0, 1.0, 1.0), True)


def test_single_slices_are_not_anisotropic(words):
    finger = words.finger([words.case((1, 100, 100), (9.0, 1.0, 1.0))])
    assert target_spacing(finger, (0, 1, 2))[1] is False


def test_the_median_shape_is_of_cropped_scans_in_prepared_order(words):
    finger = words.finger([words.case((40, 60, 30), (1.0, 2.0, 1.0), crop_shape=(20, 50, 30))])
    assert median_shape(finger, (1, 0, 2), (4.0, 1.0, 2.0)) == (25, 20, 15)


def test_a_single_slice_stays_one_slice(words):
    finger = words.finger([words.case((1, 100, 100), (9.0, 1.0, 1.0))])
    assert median_shape(finger, (0, 1, 2), (1.0, 2.0, 2.0)) == (1, 50, 50)
