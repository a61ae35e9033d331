"""`Choice`: which weights stand for a run: the newest, unless earlier ones were measurably better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

_ERRORS = 2.0
"""Standard errors of the mean difference by which weights are measurably better."""


@dataclass
class Choice:
    """What the validations so far have shown.

    A few cases tell networks of one run apart by little more than chance, and the weights at the end of a schedule are
    the better ones on new cases (see benchmarks/results/hippocampus.md). ``top`` is the score of the best validation
    and ``top_cases`` that of each of its cases; ``score`` and ``step`` belong to the weights that were kept.
    """

    score: float | None = None
    step: int = 0
    top: float | None = None
    top_cases: dict[str, float] = field(default_factory=dict)

    def takes(self, score: float, step: int, cases: Mapping[str, float]) -> bool:
        """Take in a validation at ``step``; whether its weights stand for the run now."""
        if self.top is not None and _measurably_better(self.top, self.top_cases, score, cases):
            return False
        if self.top is None or not score < self.top:
            self.top, self.top_cases = score, dict(cases)
        self.score, self.step = score, step
        return True

    def tell(self, step: int) -> str | None:
        """What a person should know where the weights that were kept are not those of ``step``, the last one."""
        if self.score is None or self.step == step:
            return None
        return (
            f"the weights of step {self.step} were kept (validation Dice {self.score:.3f}): those of step {step}, the "
            "last, did measurably worse"
        )


def _measurably_better(score: float, cases: Mapping[str, float], other: float, others: Mapping[str, float]) -> bool:
    """By the differences case by case; by the scores alone where fewer than two cases were scored both times."""
    common = sorted(cases.keys() & others.keys())
    if len(common) < 2:
        return other < score
    differences = np.array([cases[name] - others[name] for name in common])
    return bool(differences.mean() > _ERRORS * differences.std(ddof=1) / len(common) ** 0.5)
