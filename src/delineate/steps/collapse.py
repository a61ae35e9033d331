"""`CollapseGuard`: sees at a validation that a network predicts nothing but background."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from delineate.show.curve import FLAT

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.predict.validate import Validator
    from delineate.train.job import Verdict

_IN_A_ROW = 2
"""Validations that find nothing before a run is stopped: one alone may be a slow beginning or a swing."""
_HALF = 0.5
"""Of the schedule: rare structures are often found late, so no run is stopped before."""


@dataclass
class CollapseGuard:
    """Judges each validation by the scores that ``validator`` has of it.

    Only background in every case that has something to find is told; the second time in a row, after half of the
    schedule and with a loss that is flat (as in `show.curve`: it fell by less than 5 % since the stretch before), the
    run is to stop, unless ``action`` is "tell". A class that was found before and is found in no case now is told too.
    """

    validator: Validator
    action: Literal["stop", "tell"] = "stop"
    _found: set[str] = field(default_factory=set, init=False)
    _blank: int = field(default=0, init=False)
    _loss: float | None = field(default=None, init=False)

    def __call__(self, progress: float, loss: float) -> Verdict | None:
        """What is to be told of the last validation; ``loss`` is the mean since the one before."""
        from delineate.train.job import Verdict

        scores = self.validator.scores
        before, self._loss = self._loss, loss
        there = {s.class_name for s in scores if s.state in ("present", "missed")}
        if not there:
            return None
        now = {s.class_name for s in scores if s.state == "present"}
        lost, cases = sorted(self._found & there - now), len({s.case for s in scores})
        self._found |= now
        if any(s.state in ("present", "false alarm") for s in scores):
            self._blank = 0
            return Verdict(f"no longer found in any case: {', '.join(lost)}") if lost else None
        self._blank += 1
        flat = before is not None and before - loss < FLAT * abs(before)  # never of a loss that is no number
        stop = self.action == "stop" and flat and self._blank >= _IN_A_ROW and progress >= _HALF
        return Verdict(f"only background is predicted in all {cases} validation cases", stop)
