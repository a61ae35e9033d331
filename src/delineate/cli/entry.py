"""The program: run a command and turn every end into an exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import typer

from delineate.cli.commands import app
from delineate.cli.printing import say_json


def main() -> None:
    """Run and turn every end into an exit code: 0 done, 1 the person can fix it, 2 wrong usage, 3 a bug, 130 stopped by
    Ctrl-C, 143 by SIGTERM."""
    with _terminated_tidily():
        _run()


@contextmanager
def _terminated_tidily() -> Iterator[None]:
    """SIGTERM undoes what is half done as an error would, instead of ending the process where it stands."""

    def end(number: int, frame: FrameType | None) -> None:
        typer.echo("stopped", err=True)
        raise SystemExit(128 + number)

    before = None
    with suppress(ValueError):  # not the main thread: the caller owns the signals
        before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _run() -> None:
    from delineate.core.errors import DelineateError
    from delineate.core.threads import spin_briefly

    spin_briefly()
    try:
        app(standalone_mode=True)
    except DelineateError as error:
        if "--json" in sys.argv:
            say_json({"error": error.code, "what": error.what, "expected": error.expected, "fix": error.fix})
        typer.echo(f"error {error.code}: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        sys.exit(130)
    except Exception:
        traceback.print_exc()
        typer.echo(
            "This is a bug in delineate. Please report it with the text above, the command, and `delineate env`.",
            err=True,
        )
        sys.exit(3)
