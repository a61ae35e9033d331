"""`Sitting`: one call of `train`, its clock, its memory and how long each phase took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from delineate.config import Config
from delineate.core.memory import MemoryWatch, release_freed_memory


@dataclass
class Sitting:
    """One call of `train`: when it began, what it may use, and how long each phase took."""

    started: float
    memory: MemoryWatch
    budget_bytes: int
    spent_before_s: float = 0.0
    timings_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase; the memory it freed goes back to the system before the next."""
        begun = time.monotonic()
        try:
            yield
        finally:
            release_freed_memory()
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begun

    def spent_s(self) -> float:
        """Seconds of the whole run so far."""
        return self.spent_before_s + time.monotonic() - self.started

    def left_s(self, config: Config) -> float | None:
        """Seconds to go, None where steps are counted instead or nothing limits the run."""
        if config.train.steps is not None or config.time_s is None:
            return None
        return config.time_s - self.spent_s()
