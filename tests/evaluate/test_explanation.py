"""A metric in words never disagrees with the metric."""

from __future__ import annotations

import re

import numpy as np
import pytest

from delineate.evaluate.explanation import describe, empty_rule, measure
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pair import ClassPair

NOTHING = np.zeros((6, 7, 8), bool)
SOMETHING = NOTHING.copy()
SOMETHING[2:5, 2:5, 2:6] = True


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_tells_everything(name: str) -> None:
    text = describe(METRICS[name])
    for told in (text.formula, text.unit, text.range, text.direction, text.empty_masks, text.paper):
        assert told and not told.startswith(("Unit", "Range", "Paper")) and "Example" not in told
    assert text.example.startswith("truth ") and " = " in text.example.splitlines()[-1]
    assert re.search(r"\d{4}", text.paper)


@pytest.mark.parametrize("name", METRICS.names())
def test_docstring_and_fields_agree(name: str) -> None:
    metric, words = METRICS[name], METRICS[name].formula.__doc__ or ""
    better = re.search(r"Better: (\w+)", words)
    unit = re.search(r"Unit: ([^.(\n]+)", words)
    assert better and better.group(1) == {"neither": "describes"}.get(metric.better, metric.better)
    assert unit and unit.group(1).strip() == (metric.unit or "none")


@pytest.mark.parametrize("name", METRICS.names())
def test_the_rule_told_is_the_rule_applied(name: str) -> None:
    metric = METRICS[name]
    rule = empty_rule(metric)
    absent, missed, alarm = (
        metric(ClassPair.of(p, t)) for p, t in ((NOTHING, NOTHING), (NOTHING, SOMETHING), (SOMETHING, NOTHING))
    )
    assert f"both empty: {absent:g}," in rule
    if metric.better == "neither":
        return
    worst = (
        float(np.linalg.norm(NOTHING.shape)) if "diagonal" in rule else float(rule.split("empty: ")[2].split(";")[0])
    )
    assert missed == pytest.approx(worst)
    assert (alarm == pytest.approx(worst)) == ("only the truth empty: the formula" not in rule)


def test_numbers_are_those_the_formula_looked_at() -> None:
    moved = np.roll(SOMETHING, 1, axis=0)

    def looked_at(name: str) -> dict[str, float]:
        return measure(METRICS[name], ClassPair.of(moved, SOMETHING), "organ").looked_at

    assert looked_at("dice") == {}
    lesions = looked_at("lesion_f1")
    assert lesions["true lesions"] == lesions["of these found"] == lesions["matched (IoU > 0.5)"] + 1 == 1
    surfaces = looked_at("hd")
    assert surfaces["true surface: farthest in mm"] == 1 and "true surface: area in mm²" in surfaces
    flat = measure(METRICS["hd"], ClassPair.of(moved[2:3], SOMETHING[2:3]), "organ")
    assert flat.looked_at == {}  # false alarm or missed: no surface was looked at
    flat = measure(METRICS["hd"], ClassPair.of(SOMETHING[2:3], SOMETHING[2:3]), "organ")
    assert flat.looked_at["true surface: length in mm"] == pytest.approx(2 * (2 + 3) + 4 / 2**0.5)
    line = looked_at("cldice")
    assert line["of these within the truth"] <= line["predicted centreline in voxels"]
    both = measure(METRICS["dice"], ClassPair.of(moved, SOMETHING), "organ")
    assert (both.tp, both.fp, both.fn) == (24, 12, 12) and both.value == pytest.approx(2 / 3)
