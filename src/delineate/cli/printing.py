"""What every command prints alike: bars while it works, one JSON object for machines."""

from __future__ import annotations

import json
from math import isfinite, isnan
from typing import Any

import typer


def say_json(value: Any) -> None:
    """One JSON object on standard output; what is no finite number as the text that records use in files."""
    typer.echo(json.dumps(_finite(value), indent=2, default=str, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value


def bars(shown: bool) -> Any:
    """Progress bars on a terminal, lines in a log, nothing for machines."""
    from delineate.show.bars import Bars

    return Bars(shown)
