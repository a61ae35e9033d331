"""``delineate report``."""

from __future__ import annotations

import typer

from delineate.cli.options import Json, Run
from delineate.cli.printing import say_json


def report(run: Run, as_json: Json = False) -> None:
    """Draw the page of a run anew."""
    from delineate import steps

    page = steps.report(run)
    if as_json:
        say_json({"report": str(page)})
    else:
        typer.echo(f"report: {page}")
