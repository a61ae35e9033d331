"""`Pauses`: when training stops to validate, and how long it may."""

from __future__ import annotations

import math

from delineate.train.clock import Deadline

_MARGIN = 1.1
_DEAR = 2.0
"""A validation that takes so many times its share is too dear to repeat (a single case can be)."""


class Pauses:
    """``times`` validations spread over a schedule and one at its end, within ``share`` of the whole time.

    The end has half of the share, the others the rest in equal parts. Without a deadline they take what they take, and
    every answer in seconds is None. ``used_s`` is what the run has used so far, in all methods; ``seen_s`` is what the
    last validation took, None before the first.
    """

    def __init__(self, times: int, share: float, deadline: Deadline | None) -> None:
        self._times, self._share, self._deadline = times, share, deadline
        self.seen_s: float | None = None

    def took(self, seconds: float) -> None:
        """What a validation took."""
        self.seen_s = seconds

    def due(self, progress: float, before: float, used_s: float) -> bool:
        """Whether one is due at ``progress`` (0 to 1), an epoch after ``before``: none in the last stretch, the end
        has its own; none at all once they proved too dear."""
        if self._times <= 0 or self._too_dear(used_s):
            return False
        part = 1.0 / (self._times + 1)
        return progress < 1 - part / 2 and int(progress / part) > int(before / part)

    def each_s(self, used_s: float) -> float | None:
        """Of a validation before the end."""
        whole = self._whole_s(used_s)
        return None if whole is None else whole / 2 / max(self._times, 1)

    def final_s(self, used_s: float) -> float | None:
        """Of the one at the end, which may use whatever is left."""
        whole = self._whole_s(used_s)
        return None if whole is None or self._deadline is None else max(whole / 2, self._deadline.left_s())

    def ahead_s(self, progress: float, used_s: float) -> float:
        """What those still to come will take: their share until one was seen, then about what it took."""
        share, allowed = self._whole_s(used_s) or 0.0, self.each_s(used_s) or 0.0
        final, each = share / 2, allowed
        if self.seen_s is not None:
            all_seen = self.seen_s < 0.8 * allowed
            final = 1.3 * self.seen_s if all_seen else max(share / 2, _MARGIN * self.seen_s)
            each = 0.0 if self._too_dear(used_s) else _MARGIN * self.seen_s
        return final + each * math.ceil(self._times * max(0.0, 1 - progress))

    def _whole_s(self, used_s: float) -> float | None:
        if self._deadline is None:
            return None
        return self._share * self._deadline.whole_s(used_s)

    def _too_dear(self, used_s: float) -> bool:
        allowed = self.each_s(used_s)
        return allowed is not None and self.seen_s is not None and self.seen_s > _DEAR * allowed
