"""`MetricText`: what a metric is, from its own fields and words; `ClassNumbers`: what it looked at in one case."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Literal

import numpy as np

from delineate.core.record import Record
from delineate.evaluate.counts import State
from delineate.evaluate.metric import Metric
from delineate.evaluate.pair import ClassPair

_FIELDS = ("Unit", "Range", "Better", "Empty masks", "Paper")


class MetricText(Record):
    """A metric in words. ``direction`` and ``empty_masks`` follow from the fields the scores are computed with, the
    rest is the docstring of the formula. ``example`` is a tiny one worked by hand, several lines; empty without one."""

    name: str
    formula: str
    notes: str
    unit: str
    range: str
    direction: Literal["higher is better", "lower is better", "describes and does not rank"]
    empty_masks: str
    paper: str
    example: str = ""


class ClassNumbers(Record):
    """One class in one case: the value, the voxels it was counted from, and what else the metric looked at (lesions,
    surfaces, centrelines)."""

    class_name: str
    state: State
    value: float
    tp: int
    fp: int
    fn: int
    tn: int
    voxel_ml: float
    looked_at: dict[str, float]


def describe(metric: Metric) -> MetricText:
    """What a metric is."""
    words, _, example = inspect.cleandoc(metric.formula.__doc__ or "").partition("\nExample:\n")
    text = _sections(words)
    directions: dict[str, Literal["higher is better", "lower is better", "describes and does not rank"]] = {
        "higher": "higher is better",
        "lower": "lower is better",
        "neither": "describes and does not rank",
    }
    return MetricText(
        name=metric.name,
        formula=text["formula"],
        notes=text["notes"],
        unit=text["Unit"] or metric.unit or "none",
        range=text["Range"],
        direction=directions[metric.better],
        empty_masks=empty_rule(metric),
        paper=text["Paper"],
        example=textwrap.dedent(example).strip(),
    )


def empty_rule(metric: Metric) -> str:
    """The rule of `delineate.evaluate.metric` as it is for one metric."""
    if metric.better == "neither":
        return f"both empty: {metric.perfect:g}, left out of the mean; one empty: the formula"
    distance = metric.better == "lower" and metric.unit == "mm"
    worst = "the diagonal of the image" if distance else f"{1 - metric.perfect:g}"
    both = f"both empty: {metric.perfect:g}, left out of the mean and counted apart"
    if metric.by_formula_on_false_alarm:
        return f"{both}; only the prediction empty: {worst}; only the truth empty: the formula"
    return f"{both}; one empty: {worst}"


def measure(metric: Metric, pair: ClassPair, class_name: str) -> ClassNumbers:
    """The value of a class in a case, with the numbers behind it."""
    value, c = metric(pair), pair.counts
    return ClassNumbers(
        class_name=class_name, state=c.state, value=value, tp=c.tp, fp=c.fp, fn=c.fn, tn=c.tn, voxel_ml=c.voxel_ml,
        looked_at=_looked_at(pair),
    )  # fmt: skip


def _looked_at(pair: ClassPair) -> dict[str, float]:
    """What the formula asked the pair for: it is kept there."""
    kept, numbers = vars(pair), {}
    if "lesions" in kept:
        found = pair.lesions
        numbers = {
            "true lesions": len(found.true_voxels), "of these found": int(np.count_nonzero(found.found)),
            "predicted lesions": len(found.predicted_voxels), "of these right": int(np.count_nonzero(found.right)),
            "matched (IoU > 0.5)": len(found.ious), "mean IoU of matched": found.segmentation_quality,
        }  # fmt: skip
    if "surfaces" in kept:
        area = "area in mm²" if pair.flat_axis is None else "length in mm"
        for name, side in (("true surface", pair.surfaces.truth), ("predicted surface", pair.surfaces.prediction)):
            numbers |= {
                f"{name}: {area}": side.total, f"{name}: mean distance in mm": side.mean_mm,
                f"{name}: 95th percentile in mm": side.quantile_mm(0.95), f"{name}: farthest in mm": float(side.mm[-1]),
            }  # fmt: skip
    if "centrelines" in kept:
        predicted, true = pair.centrelines
        numbers |= {
            "predicted centreline in voxels": int(np.count_nonzero(predicted)),
            "of these within the truth": int(np.count_nonzero(predicted & pair.truth_zyx)),
            "true centreline in voxels": int(np.count_nonzero(true)),
            "of these within the prediction": int(np.count_nonzero(true & pair.prediction_zyx)),
        }
    return {name: float(value) for name, value in numbers.items()}


def _sections(docstring: str) -> dict[str, str]:
    """The first line is the formula; lines such as ``Unit: mm.`` name what they hold, and run on until the next."""
    lines = [line.strip() for line in docstring.strip().splitlines()]
    parts: dict[str, list[str]] = {"formula": lines[:1], "notes": [], **{name: [] for name in _FIELDS}}
    here = "notes"
    for line in lines[1:]:
        named = re.match(rf"({'|'.join(_FIELDS)}): (.*)", line)
        if named:
            here, line = named.group(1), named.group(2)
        parts[here].append(line)
    joined = {name: " ".join(p for p in part if p).strip() for name, part in parts.items()}
    return {name: text if name in ("notes", "Paper") else text.rstrip(".") for name, text in joined.items()}
