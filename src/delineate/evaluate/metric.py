"""`METRICS`: the registry of metrics, and the rule for empty masks, written once.

| truth, prediction | state       | value                                              | in the mean     |
|-------------------|-------------|----------------------------------------------------|-----------------|
| both have voxels  | present     | the formula                                        | yes             |
| both empty        | absent      | the perfect score                                  | no; counted     |
| prediction empty  | missed      | the worst score                                    | yes, and counted|
| truth empty       | false alarm | the worst score, or the formula where it is defined| yes, and counted|

The perfect score is 1 where more is better and 0 where less is; the worst is 0 or 1, and for a distance the diagonal
of the image in millimetres. So a model that finds nothing never looks better than one that finds something. Amounts
(millilitres) have no worst value and always follow their formula; they describe and do not rank.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from delineate.core.registry import Registry
from delineate.evaluate.pair import ClassPair

Formula = Callable[[ClassPair], float]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True)
class Metric:
    """A number for one class in one case. ``better`` says which way is good: scores run from 0 to 1; distances
    (``unit`` mm) from 0 to the image's diagonal; amounts are ``neither``. ``by_formula_on_false_alarm`` marks a score
    that is defined, and means something, without truth. ``needs_masks`` marks one for which counting is not enough:
    it is left out where only `counting` metrics are asked for."""

    name: str
    formula: Formula
    better: Better
    unit: str = ""
    by_formula_on_false_alarm: bool = False
    needs_masks: bool = False

    @property
    def perfect(self) -> float:
        """The value of full agreement, and of two empty masks."""
        return 1.0 if self.better == "higher" else 0.0

    def worst(self, pair: ClassPair) -> float:
        """The value of a missed class."""
        if self.better == "lower" and self.unit == "mm":
            return pair.diagonal_mm
        return 1.0 - self.perfect

    def __call__(self, pair: ClassPair) -> float:
        """The value with the rule for empty masks applied.

        Raises:
            ValueError: the metric needs masks and the pair has none.
        """
        if self.needs_masks and not pair.has_masks:
            raise ValueError(f"{self.name} needs masks, but the pair only has counts")
        state = pair.counts.state
        if state == "absent":
            return self.perfect
        formula = state == "false alarm" and self.by_formula_on_false_alarm
        if state == "present" or formula or self.better == "neither":
            return float(self.formula(pair))
        return self.worst(pair)


METRICS: Registry[Metric] = Registry("metric", "delineate.evaluate.metrics")


def all_metrics() -> tuple[Metric, ...]:
    """Every metric of the registry, by name."""
    return tuple(METRICS[name] for name in METRICS)


def counting_metrics() -> tuple[Metric, ...]:
    """Those that only count voxels: cheap enough for every epoch of a training."""
    return tuple(m for m in all_metrics() if not m.needs_masks)


def metric(
    name: str, better: Better, unit: str = "", by_formula_on_false_alarm: bool = False, needs_masks: bool = False
) -> Callable[[Formula], Metric]:
    """The decorator that makes a formula a metric and registers it. A formula may assume that neither mask is empty,
    unless it is an amount or follows its formula on false alarms."""

    def add(formula: Formula) -> Metric:
        made = Metric(name, formula, better, unit, by_formula_on_false_alarm, needs_masks)
        return METRICS.register(name)(made)

    return add
