"""`Deadline`: the wall-clock time of the whole command, turned into a number of steps."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from delineate.train.schedule import Length

_TOLERANCE = 0.02
_COOL_DOWN = 5
"""However late it is, the schedule gets this many steps to anneal in."""


@dataclass
class Deadline:
    """Training ends at ``end_s`` of the monotonic clock. Pauses (validation, checkpoints) are measured apart from
    steps."""

    end_s: float
    _pace: list[float] = field(default_factory=list)

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left_s(self) -> float:
        """Seconds to go."""
        return self.end_s - time.monotonic()

    def whole_s(self, used_s: float) -> float:
        """Seconds of the run from its beginning to the deadline; ``used_s`` are gone."""
        return used_s + max(self.left_s(), 0.0)

    def note(self, seconds_per_step: float) -> None:
        """What a step took in the last epoch, its pauses included."""
        self._pace.append(seconds_per_step)

    def correct(self, length: Length, step: int, pauses_s: float) -> Length:
        """The length that ends in time at the pace of late, unchanged while within 2 %.

        ``pauses_s`` is what validations still to come will take.
        """
        if not self._pace or step >= length.total:
            return length
        recent = sorted(self._pace[-5:])[len(self._pace[-5:]) // 2]
        fitting = int((self.left_s() - pauses_s) / recent)
        # a cool-down that has begun is not begun again
        total = step + fitting if fitting >= _COOL_DOWN else min(step + _COOL_DOWN, length.total)
        left = max(length.total - step, 1)
        return length if abs(total - length.total) <= _TOLERANCE * left else length.turned(step, total)
