from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.findings import ClassLesions, Findings
from delineate.show.detectionchart import MOST_CLASSES, MOST_DOTS, detection_rows, draw_detection, size_bins


def lesions(volumes, found, name="tumour", false=0):
    cases = tuple(f"case{i}" for i in range(len(volumes)))
    return ClassLesions(class_name=name, cases=cases, volumes_ml=tuple(volumes), found=tuple(found), false=false)


def findings(*classes):
    return Findings(names=("background",), confusion=((1,),), lesions=classes, cases=("a",), total=1)


def test_bins_hold_every_lesion_once_with_the_numbers_of_a_histogram():
    rng = np.random.default_rng(0)
    volumes = 10 ** rng.uniform(-1, 1, 200)
    found = rng.random(200) < 0.6
    bins = size_bins(lesions(volumes.tolist(), found.tolist()))
    edges = [b.low for b in bins] + [bins[-1].high]
    assert edges == pytest.approx([0.1, 0.2, 0.5, 1, 2, 5, 10])
    np.testing.assert_array_equal([b.lesions for b in bins], np.histogram(volumes, edges)[0])
    np.testing.assert_array_equal([b.found for b in bins], np.histogram(volumes[found], edges)[0])
    assert bins[0].rate == pytest.approx(found[volumes < 0.2].mean())


def test_a_wide_range_is_binned_by_decades_and_one_size_by_one_bin():
    assert [b.low for b in size_bins(lesions([0.001, 500.0], [True, True]))] == pytest.approx(
        [0.001, 0.01, 0.1, 1, 10, 100]
    )
    (only,) = size_bins(lesions([1.0, 1.0], [True, False]))
    assert (only.low, only.high, only.lesions, only.found) == (1, 2, 2, 1)


def test_rows_count_what_was_found_and_what_is_false():
    (row,) = detection_rows(findings(lesions([0.5, 2.0, 30.0], [False, True, False], false=4), lesions([], [], "cyst")))
    assert (row.class_name, row.lesions, row.found, row.false) == ("tumour", 3, 1, 4)
    assert (row.smallest_ml, row.largest_missed_ml, row.rate) == (0.5, 30.0, pytest.approx(1 / 3))


def test_a_class_with_false_lesions_alone_is_in_the_table_and_not_drawn():
    there = findings(lesions([2.0], [True]), lesions([], [], "cyst", false=3))
    cyst = detection_rows(there)[1]
    assert (cyst.class_name, cyst.lesions, cyst.false, cyst.rate, cyst.smallest_ml) == ("cyst", 0, 3, None, None)
    assert [c.title for c in draw_detection(there, {})] == ["tumour: 1 of 1 found"]


def test_found_lesions_stand_above_missed_ones_hollow_below():
    (chart,) = draw_detection(findings(lesions([0.5, 2.0], [False, True])), {"tumour": "#123456"})
    missed, found = chart.marks
    assert missed.hollow and missed.told == "case0: 0.5 ml, missed"
    assert not found.hollow and found.y < missed.y and found.x > missed.x
    assert {b.told for b in chart.bars} == {"0.5 to 1 ml: 0 of 1 found", "2 to 5 ml: 1 of 1 found"}
    assert chart.title == "tumour: 1 of 2 found"


def test_very_many_lesions_and_classes_stay_a_drawing():
    many = findings(*(lesions(np.geomspace(0.01, 10, 5000).tolist(), [True] * 5000, f"c{i}") for i in range(12)))
    charts = draw_detection(many, {})
    assert len(charts) == MOST_CLASSES and all(len(c.marks) <= MOST_DOTS for c in charts)
