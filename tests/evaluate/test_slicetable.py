"""Slices of many cases, beside a loop over every slice with the Dice of two masks."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.slices import CaseSlices, count_slices
from delineate.evaluate.slicetable import SlicePart, save_slice_summaries, save_slices, summarise_slices

LABELS = Labels.exclusive({1: "a", 2: "b", 3: "nobody's"})
GRID = Geometry(shape=(6, 4, 5), spacing_mm=(5.0, 2.0, 1.5))


def volumes() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(4):
        truth = rng.choice([0, 0, 1, 2], GRID.shape).astype(np.uint8)
        guess = np.where(rng.random(GRID.shape) < 0.6, truth, 0).astype(np.uint8)
        truth[rng.integers(6)] = guess[rng.integers(6)] = 0
        truth[rng.integers(6)][truth[0] == 2] = 0
        found.append((guess, truth))
    found[0][0][...] = 0
    found[1][1][found[1][1] == 1] = 0
    found[1][1][4:], found[1][1][:3] = 0, 0  # class b is in one slice: first and last
    return found


def cases() -> list[CaseSlices]:
    return [count_slices(p, t, LABELS, GRID, "z", f"p{i}") for i, (p, t) in enumerate(volumes())]


def mean(values: list[float]) -> float | None:
    return pytest.approx(np.mean(values)) if values else None


def same(part: SlicePart, pairs: list[ClassPair]) -> None:
    assert part.n == len(pairs)
    assert part.missed == sum(p.counts.state == "missed" for p in pairs)
    assert part.metrics == {m: mean([METRICS[m](p) for p in pairs]) for m in ("dice", "iou", "precision", "recall")}


def test_equals_a_loop_over_slices() -> None:
    summaries = summarise_slices(cases())
    assert [s.class_name for s in summaries] == list(LABELS.names)
    for value, summary in enumerate(summaries, 1):
        every: list[ClassPair] = []
        edge: list[ClassPair] = []
        middle: list[ClassPair] = []
        for guess, truth in volumes():
            pairs = [ClassPair.of(g[None] == value, t[None] == value) for g, t in zip(guess, truth, strict=True)]
            true = [i for i, p in enumerate(pairs) if p.counts.true]
            edge += [pairs[i] for i in sorted({true[0], true[-1]})] if true else []
            middle += [pairs[i] for i in true[1:-1]]
            every += pairs
        same(summary, [p for p in every if p.counts.state != "absent"])
        same(summary.edge, edge)
        same(summary.middle, middle)
        states = [p.counts.state for p in every]
        assert (summary.absent, summary.false_alarm) == (states.count("absent"), states.count("false alarm"))
    assert summaries[0].missed and summaries[0].false_alarm and summaries[0].absent and summaries[1].middle.n
    assert summaries[2].n == 0 and summaries[2].metrics["dice"] is None and summaries[2].absent == 24


def test_nothing_has_no_summary() -> None:
    assert summarise_slices([]) == ()


def test_a_line_per_slice_in_a_file(tmp_path: Path) -> None:
    found = cases()
    save_slices(found, tmp_path / "slices.csv")
    with (tmp_path / "slices.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 4 * 3 * 6
    for line, score in zip(lines, (s for c in found for s in c.scores()), strict=True):
        assert (line["case"], line["class"], line["axis"], line["slice"]) == (
            score.case, score.class_name, "z", str(score.number),
        )  # fmt: skip
        assert line["state"] == score.state
        assert tuple(float(line[m]) for m in ("dice", "iou", "precision", "recall")) == score.values
        assert (float(line["truth_mm2"]), float(line["predicted_mm2"])) == (score.truth_mm2, score.predicted_mm2)
    a = [float(x["dice"]) for x in lines if x["class"] == "a" and x["state"] != "absent"]
    assert summarise_slices(found)[0].metrics["dice"] == pytest.approx(np.mean(a))


def test_a_line_per_class_in_a_file(tmp_path: Path) -> None:
    summaries = summarise_slices(cases())
    save_slice_summaries(summaries, tmp_path / "classes.csv")
    with (tmp_path / "classes.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    for line, s in zip(lines, summaries, strict=True):
        numbers = (line["class"], *(int(line[c]) for c in ("n", "absent", "missed", "false_alarm")))
        assert numbers == (s.class_name, s.n, s.absent, s.missed, s.false_alarm)
        for part, prefix in ((s, ""), (s.edge, "edge_"), (s.middle, "middle_")):
            assert (int(line[f"{prefix}n"]), int(line[f"{prefix}missed"])) == (part.n, part.missed)
            assert {m: float(line[prefix + m]) if line[prefix + m] else None for m in part.metrics} == part.metrics
