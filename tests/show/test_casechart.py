from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import summarise
from delineate.show.casechart import box_numbers, draw_cases, draw_classes, rank_cases

COLOURS = {"liver": "#111111", "tumour": "#222222"}


def score(case, name, dice, state="present"):
    return ClassScore(case=case, class_name=name, state=state, values={"dice": dice})


TABLE = summarise([
    score("a", "liver", 0.9), score("a", "tumour", 0.5),
    score("b", "liver", 0.95), score("b", "tumour", 1.0, "absent"),
    score("c", "liver", 0.8), score("c", "tumour", 0.0, "missed"),
])  # fmt: skip


def test_a_box_is_that_of_matplotlib():
    from matplotlib.cbook import boxplot_stats

    values = [0.1, 0.7, 0.72, 0.75, 0.8, 0.81, 0.85, 0.9, 0.2]
    (stats,) = boxplot_stats(values)
    assert box_numbers(values) == pytest.approx([stats[k] for k in ("whislo", "q1", "med", "q3", "whishi")])


def test_cases_are_ranked_by_their_mean_and_absent_classes_do_not_count():
    assert rank_cases(TABLE) == [("c", pytest.approx(0.4)), ("a", pytest.approx(0.7)), ("b", pytest.approx(0.95))]


def test_every_dot_tells_its_case_and_stands_at_its_value():
    chart = draw_cases(TABLE, COLOURS)
    told = {m.told: m for m in chart.marks}
    assert set(told) == {"a: liver 0.900", "a: tumour 0.500", "b: liver 0.950", "c: liver 0.800",
                         "c: tumour 0.000 (missed)"}  # fmt: skip
    assert told["c: liver 0.800"].x < told["a: liver 0.900"].x < told["b: liver 0.950"].x
    assert told["c: tumour 0.000 (missed)"].y == 214 and told["b: liver 0.950"].y == pytest.approx(20.2)
    assert told["a: liver 0.900"].colour == "#111111"
    assert [y for _, y in chart.lines[0].points] == sorted((y for _, y in chart.lines[0].points), reverse=True)


def test_the_class_with_the_lowest_median_comes_first():
    chart = draw_classes(TABLE, COLOURS)
    assert [w.text for w in chart.words if w.strong] == ["tumour", "liver"]
    assert len(chart.marks) == 5
    assert "tumour median 0.250" in chart.alt


def test_of_very_many_cases_the_worst_are_drawn_and_it_is_said():
    many = summarise([score(f"{i:05}", "liver", v) for i, v in enumerate(np.linspace(1, 0, 3200))])
    chart = draw_cases(many, COLOURS)
    assert len(chart.marks) == 3000
    assert "the worst 3000 of 3200 cases" in [w.text for w in chart.words]
    assert len(draw_classes(many, COLOURS).marks) == 3000


def test_without_a_case_there_is_no_drawing():
    table = summarise([score("b", "tumour", 1.0, "absent")])
    assert draw_classes(table, COLOURS) is None and draw_cases(table, COLOURS) is None


def test_whiskers_end_at_the_last_case_within_one_and_a_half_boxes():
    from matplotlib.cbook import boxplot_stats

    for values in ([0, 1, 2, 3, 4, 8], [0, 5, 5.5, 6, 7, 7.2, 20], [1], [2, 3]):
        (theirs,) = boxplot_stats(values, whis=1.5)
        wanted = [theirs[n] for n in ("whislo", "q1", "med", "q3", "whishi")]
        assert box_numbers(values) == pytest.approx(wanted)
    assert box_numbers([0, 1, 2, 3, 4, 8])[4] == 4
