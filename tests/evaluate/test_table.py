"""Means, and what they leave out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.core.errors import UsageError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.score import ClassScore, score_case
from delineate.evaluate.table import ScoreTable, summarise

SCORES = [n for n in METRICS if METRICS[n].better != "neither"]


def made() -> ScoreTable:
    counts = {
        ("p1", "a"): (5, 5, 5, 85),  # Dice 0.5
        ("p2", "a"): (10, 0, 0, 90),  # 1
        ("p3", "a"): (0, 0, 4, 96),  # missed: 0
        ("p1", "b"): (0, 0, 0, 100),  # absent
        ("p2", "b"): (0, 3, 0, 97),  # false alarm: 0
        ("p3", "b"): (9, 2, 0, 89),  # 0.9
        ("p1", "c"): (0, 0, 0, 100),
        ("p2", "c"): (0, 0, 0, 100),
        ("p3", "c"): (0, 0, 0, 100),
    }
    return summarise(ClassScore.of(ClassPair.counted(Counts(*v)), case, name) for (case, name), v in counts.items())


def test_means_and_counts_by_hand() -> None:
    table = made()
    a, b, c = table.classes
    assert (a.n, a.absent, a.missed, a.false_alarm) == (3, 0, 1, 0)
    assert a.metrics["dice"].mean == pytest.approx(0.5)
    assert a.metrics["dice"].median == pytest.approx(0.5)
    assert a.metrics["dice"].std == pytest.approx(0.5)
    assert (b.n, b.absent, b.missed, b.false_alarm) == (2, 1, 0, 1)
    assert b.metrics["dice"].mean == pytest.approx(0.45)
    assert (c.n, c.absent, c.metrics["dice"].mean, c.metrics["dice"].std) == (0, 3, None, None)
    assert table.foreground["dice"] == pytest.approx((0.5 + 0.45) / 2)


def test_the_interval_over_classes_leaves_absent_ones_out() -> None:
    table = made()
    low, high = table.foreground_intervals["dice"]
    there = summarise(r for r in table.rows if r.state != "absent")
    assert there.foreground_intervals["dice"] == (low, high)
    assert low <= table.foreground["dice"] <= high < 1
    b = summarise(r for r in table.rows if r.class_name == "b")  # of one class it is that of the class
    assert b.foreground_intervals["dice"] == pytest.approx((b.classes[0].metrics["dice"].low, 0.9))


def test_means_are_of_the_metrics_that_every_score_has() -> None:
    table = made()
    older = [r.model_copy(update={"values": {k: v for k, v in r.values.items() if k != "iou"}}) for r in table.rows[:1]]
    mixed = summarise([*table.rows[1:], *older])
    assert set(table.foreground) - set(mixed.foreground) == {"iou"}
    assert mixed.foreground["dice"] == pytest.approx(table.foreground["dice"])


def test_means_of_cases_leave_absent_classes_out() -> None:
    dice = {c.case: (c.n, c.metrics["dice"]) for c in made().cases}
    assert dice == {"p1": (1, 0.5), "p2": (2, 0.5), "p3": (2, pytest.approx(0.45))}


def test_one_case_has_no_deviation_and_no_case_has_nothing() -> None:
    one = summarise([ClassScore.of(ClassPair.counted(Counts(1, 0, 0, 1)), "p", "a")])
    assert one.classes[0].metrics["dice"].std is None
    none = summarise([ClassScore.of(ClassPair.counted(Counts(0, 0, 0, 1)), "p", "a")])
    assert none.foreground["dice"] is None
    assert none.cases[0].metrics["dice"] is None


def test_refuses_nothing_and_twice() -> None:
    with pytest.raises(UsageError, match="no scores"):
        summarise([])
    score = ClassScore.of(ClassPair.counted(Counts(1, 0, 0, 1)), "p", "a")
    with pytest.raises(UsageError, match=r"twice: p \(a\)"):
        summarise([score, score])


def test_files_say_the_same(tmp_path: Path) -> None:
    table = made()
    table.save_json(tmp_path / "scores.json")
    assert ScoreTable.load(tmp_path / "scores.json") == table
    table.save_csv(tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(table.rows)
    for line, row in zip(lines, table.rows, strict=True):
        assert (line["case"], line["class"], line["state"]) == (row.case, row.class_name, row.state)
        assert {n: float(line[n]) for n in row.values} == row.values
    table.save_summary_csv(tmp_path / "summary.csv")
    with (tmp_path / "summary.csv").open(newline="") as file:
        a, _, c = csv.DictReader(file)
    assert (a["class"], a["missed"], float(a["dice_mean"])) == ("a", "1", 0.5)
    assert (c["n"], c["absent"], c["dice_mean"]) == ("0", "3", "")


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_emptying_a_prediction_never_improves_an_aggregate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = Labels.exclusive({1: "a", 2: "b"})
    grid = Geometry(shape=(1, 3, 4))
    truths = [rng.integers(0, 3, grid.shape).astype(np.uint8) for _ in range(4)]
    for truth in truths:
        truth[0, 0, :2] = 1, 2  # something to find in every case
    guesses = [np.where(rng.random(grid.shape) < 0.5, rng.integers(0, 3, grid.shape), 0) for _ in truths]
    emptied = [g.copy() for g in guesses]
    emptied[rng.integers(4)][:] = 0
    before, after = (
        summarise(
            s for i, (g, t) in enumerate(zip(gs, truths, strict=True)) for s in score_case(g, t, labels, grid, f"{i}")
        )
        for gs in (guesses, emptied)
    )
    for name in SCORES:
        sign = 1 if METRICS[name].better == "higher" else -1
        assert sign * (after.foreground[name] - before.foreground[name]) <= 1e-12
        bounds = zip(before.foreground_intervals[name], after.foreground_intervals[name], strict=True)
        assert all(sign * (now - was) <= 1e-12 for was, now in bounds)
        for old, new in zip(before.classes, after.classes, strict=True):
            for part in ("mean", "median", "q1", "q3", "low", "high"):
                was, now = (getattr(s.metrics[name], part) for s in (old, new))
                assert sign * (now - was) <= 1e-12, part
        for old, new in zip(before.cases, after.cases, strict=True):
            assert sign * (new.metrics[name] - old.metrics[name]) <= 1e-12


def test_quartiles_and_intervals_are_in_the_table_and_its_files(tmp_path: Path) -> None:
    scores = [ClassScore(case=f"{i}", class_name="a", state="present", values={"dice": i / 4}) for i in range(5)]
    table = summarise(scores)
    dice = table.classes[0].metrics["dice"]
    assert (dice.q1, dice.median, dice.q3) == (0.25, 0.5, 0.75)
    assert dice.std == pytest.approx(np.sqrt(0.15625))
    assert 0 < dice.low < 0.5 < dice.high < 1
    assert table.foreground_intervals["dice"] == pytest.approx((dice.low, dice.high), abs=1e-12)
    table.save_summary_csv(tmp_path / "classes.csv")
    with (tmp_path / "classes.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert {p: float(line[f"dice_{p}"]) for p in type(dice).model_fields} == dice.model_dump()


def test_a_table_written_before_there_were_intervals_is_read(tmp_path: Path) -> None:
    table = made()
    old = table.model_dump(mode="json", exclude={"foreground_intervals", "subgroups", "notes"})
    for summary in old["classes"]:
        for statistic in summary["metrics"].values():
            for part in ("q1", "q3", "low", "high"):
                del statistic[part]
    (tmp_path / "scores.json").write_text(json.dumps(old))
    assert summarise(ScoreTable.load(tmp_path / "scores.json").rows) == table
