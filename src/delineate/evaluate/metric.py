"""`METRICS`: the registry of metrics, and the rule for empty masks, written once.

| truth, prediction | state       | value                                              | in the mean     |
|-------------------|-------------|----------------------------------------------------|-----------------|
| both have voxels  | present     | the formula                                        | yes             |
| both empty        | absent      | the perfect score                                  | no; counted     |
| prediction empty  | missed      | the worst score                                    | yes, and counted|
| truth empty       | false alarm | the worst score, or the formula where it is defined| yes, and counted|

So a model that finds nothing never looks better than one that finds something. Amounts (millilitres) have no worst
value and always follow their formula; they describe and do not rank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from delineate.core.registry import Registry
from delineate.evaluate.counts import Counts

Formula = Callable[[Counts], float]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Metric:
    """A number for one class in one case. ``better`` says which way is good: scores run from 0 to 1; amounts are
    ``neither``. ``by_formula_on_false_alarm`` marks a score that is defined, and means something, without truth."""

    name: str
    formula: Formula
    better: Better
    unit: str = ""
    by_formula_on_false_alarm: bool = False

    @property
    def perfect(self) -> float:
        """The value of full agreement, and of two empty masks."""
        return 1.0 if self.better == "higher" else 0.0

    def __call__(self, counts: Counts) -> float:
        """The value with the rule for empty masks applied."""
        if counts.state == "absent":
            return self.perfect
        formula = counts.state == "false alarm" and self.by_formula_on_false_alarm
        if counts.state == "present" or formula or self.better == "neither":
            return float(self.formula(counts))
        return 1.0 - self.perfect


METRICS: Registry[Metric] = Registry("metric", "delineate.evaluate.metrics")


def metric(
    name: str, better: Better, unit: str = "", by_formula_on_false_alarm: bool = False
) -> Callable[[Formula], Metric]:
    """The decorator that makes a formula a metric and registers it. A formula may assume that neither mask is empty,
    unless it is an amount or follows its formula on false alarms."""

    def add(formula: Formula) -> Metric:
        made = Metric(name, formula, better, unit, by_formula_on_false_alarm)
        return METRICS.register(name)(made)

    return add
