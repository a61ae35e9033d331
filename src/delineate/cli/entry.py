"""The program: run a command and turn every end into an exit code."""

from __future__ import annotations

import sys
import traceback

import typer

from delineate.cli.commands import app
from delineate.cli.printing import say_json


def main() -> None:
    """Run and turn every end into an exit code: 0 done, 1 the person can fix it, 2 wrong usage, 3 a bug."""
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
