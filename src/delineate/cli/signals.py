"""`stopped_tidily`: Ctrl-C and SIGTERM as exceptions, so that what is half done is undone on the way out."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_S = 0.01


@contextmanager
def stopped_tidily() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM undo what is half done as an error would, instead of ending the process where it stands.
    Yields the list of the signals that came."""
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        if came.count(number) == 1:
            typer.echo("stopped", err=True)
        raise SystemExit(128 + number)

    before: dict[int, Any] = {}
    with suppress(ValueError):  # not the main thread: the caller owns the signals
        for one in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(one) is not signal.SIG_IGN:  # as of what a shell starts in the background
                before[one] = signal.signal(one, end)
    try:
        with _said_again(came):
            yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _said_again(came: list[int]) -> Iterator[None]:
    """What a signal raises is lost if it arrives while an object is being deleted (nibabel deletes many): Python prints
    it and goes on. Then the signal is sent once more, a moment later."""
    usual = sys.unraisablehook
    waiting: list[threading.Timer] = []

    def hear(lost: UnraisableHookArgs) -> None:
        if came and isinstance(lost.exc_value, (KeyboardInterrupt, SystemExit)):
            again = threading.Timer(_AGAIN_S, _interrupt, came[-1:])
            again.daemon = True
            again.start()
            waiting.append(again)
        else:
            usual(lost)

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = usual
        for again in waiting:
            again.cancel()


def _interrupt(number: int) -> None:
    if hasattr(signal, "pthread_kill"):  # it ends a system call that waits, too
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(signal.Signals(number))
