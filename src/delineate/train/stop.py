"""`stop_asked`: Ctrl-C and SIGTERM as a question that a loop asks between steps."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any


@contextmanager
def stop_asked() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM set a flag that the loop reads between steps; a second Ctrl-C interrupts at once."""
    flag = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal flag
        if flag:
            raise KeyboardInterrupt
        flag = True

    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # not the main thread: the caller owns the signals
        before = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
