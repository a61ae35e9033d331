"""How long a run is, in steps, and the learning rate at each of them."""

from __future__ import annotations

import math

from pydantic import Field

from delineate.core.record import Record


class Turn(Record):
    """A decision about the length of the run: from ``step`` on, at ``progress`` of the schedule, ``total`` steps."""

    step: int
    progress: float
    total: int


class Length(Record):
    """The length of a run. The last turn holds; earlier ones are the record of how the machine slowed or quickened."""

    turns: tuple[Turn, ...] = Field(min_length=1)

    @classmethod
    def of(cls, total: int) -> Length:
        """A run of so many steps."""
        return cls(turns=(Turn(step=0, progress=0.0, total=total),))

    @property
    def total(self) -> int:
        """The step at which the run ends."""
        return self.turns[-1].total

    def progress(self, step: int) -> float:
        """The share of the schedule done before ``step``: 0 at the start, 1 at the end, never falling."""
        last = self.turns[-1]
        left = last.total - last.step
        if left <= 0:
            return 1.0
        done = (step - last.step) / left  # divided first: exactly 1 at the end, and so is the sum
        return min(1.0, last.progress + (1 - last.progress) * done)

    def turned(self, step: int, total: int) -> Length:
        """The same run, now to end at ``total``: the schedule goes on from where it is and still ends at 1."""
        turn = Turn(step=step, progress=self.progress(step), total=max(total, step))
        return Length(turns=(*self.turns, turn))


def learning_rate(progress: float, top: float, shape: str, warmup: float) -> float:
    """The rate at a share of the schedule: linear warm-up to ``top``, then cosine (Loshchilov & Hutter 2017) or
    polynomial of power 0.9 (Chen et al. 2017) to zero."""
    if progress < warmup:
        return top * (progress + 1e-3) / (warmup + 1e-3)
    rest = (progress - warmup) / (1 - warmup)
    factor = 0.5 * (1 + math.cos(math.pi * rest)) if shape == "cosine" else (1 - rest) ** 0.9
    return top * max(factor, 1e-4)
