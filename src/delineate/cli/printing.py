"""What every command prints alike: bars while it works, one JSON object for machines."""

from __future__ import annotations

import json
from typing import Any

import typer


def say_json(value: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(value, indent=2, default=str))


def bars(shown: bool) -> Any:
    """Progress bars on a terminal, lines in a log, nothing for machines."""
    from delineate.show.bars import Bars

    return Bars(shown)
