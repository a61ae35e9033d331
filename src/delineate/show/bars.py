"""`Bars`: progress of the phases before and after training."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any


class Bars:
    """A `core.progress.Progress` as a context manager: bars on a terminal, a line every few seconds in a log."""

    def __init__(self, shown: bool = True, period_s: float = 5.0) -> None:
        self._shown, self._period_s = shown, period_s
        self._told_s: dict[str, float] = {}
        self._tasks: dict[str, Any] = {}
        self._progress: Any = None

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def __call__(self, phase: str, done: int, total: int) -> None:
        """``done`` of ``total`` in a phase; its bar closes when it is complete."""
        if not self._shown:
            return
        if self._console().is_terminal:
            self._draw(phase, done, total)
        elif done == total or time.monotonic() - self._told_s.get(phase, 0.0) >= self._period_s:
            self._told_s[phase] = time.monotonic()
            self._console().print(f"{phase} {done}/{total}", highlight=False)

    def _console(self) -> Any:
        from rich.console import Console

        return Console(stderr=True)

    def _draw(self, phase: str, done: int, total: int) -> None:
        from rich.progress import Progress

        if self._progress is None:
            self._progress = Progress(console=self._console())
            self._progress.start()
        if phase not in self._tasks:
            self._tasks[phase] = self._progress.add_task(phase, total=total)
        self._progress.update(self._tasks[phase], completed=done, total=total)
        if done >= total:
            self._close()

    def _close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress, self._tasks = None, {}
