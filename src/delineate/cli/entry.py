"""The program: run a command and turn every end into an exit code."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import typer

from delineate.cli.commands import app
from delineate.cli.printing import say_json
from delineate.cli.signals import stopped_tidily

if TYPE_CHECKING:
    from delineate.core.errors import DelineateError


def main() -> None:
    """Run and turn every end into an exit code: 0 done, 1 the person can fix it, 2 wrong usage, 3 a bug, 130 stopped by
    Ctrl-C, 143 by SIGTERM."""
    with stopped_tidily() as signals:
        _run(signals)


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
