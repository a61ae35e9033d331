"""The program: run a command and turn every end into an exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from delineate.cli.commands import app
from delineate.cli.printing import say_json

if TYPE_CHECKING:
    from delineate.core.errors import DelineateError


def main() -> None:
    """Run and turn every end into an exit code: 0 done, 1 the person can fix it, 2 wrong usage, 3 a bug, 130 stopped by
    Ctrl-C, 143 by SIGTERM."""
    with _stopped_tidily() as signals:
        _run(signals)


@contextmanager
def _stopped_tidily() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM undo what is half done as an error would, instead of ending the process where it stands.
    Yields the list of the signals that came."""
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        typer.echo("stopped", err=True)
        raise SystemExit(128 + number)

    before: dict[int, Any] = {}
    with suppress(ValueError):  # not the main thread: the caller owns the signals
        for one in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(one) is not signal.SIG_IGN:  # as of what a shell starts in the background
                before[one] = signal.signal(one, end)
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(signals: list[int]) -> None:
    from delineate.core.errors import DelineateError
    from delineate.core.shortage import shortage
    from delineate.core.threads import spin_briefly

    spin_briefly()
    try:
        app(standalone_mode=True)
    except DelineateError as error:
        _tell(error)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        sys.exit(130)
    except Exception as error:
        if signals:  # a library (pydantic, for one) made an error of its own of the interruption
            sys.exit(128 + signals[-1])
        if (short := shortage(error)) is not None:
            _tell(short)
        traceback.print_exc()
        typer.echo(
            "This is a bug in delineate. Please report it with the text above, the command, and `delineate env`.",
            err=True,
        )
        sys.exit(3)


def _tell(error: DelineateError) -> NoReturn:
    if "--json" in sys.argv:
        say_json({"error": error.code, "what": error.what, "expected": error.expected, "fix": error.fix})
    typer.echo(f"error {error.code}: {error}", err=True)
    sys.exit(1)
