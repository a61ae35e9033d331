"""``delineate explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import Json, NamesOf
from delineate.cli.printing import say_json


def explain(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="Its name; see `delineate metrics`.")],
    case: Annotated[tuple[Path, Path] | None, typer.Option(metavar="PRED TRUTH", help="Two masks.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A PNG of where the two agree.")] = None,
    run: NamesOf = None,
    as_json: Json = False,
) -> None:
    """Formula, range, rule for empty masks and paper of a metric; its numbers for one case."""
    from delineate import steps

    text, classes = steps.explain(metric, case, out, run)
    if as_json:
        say_json({**text.model_dump(mode="json"), "case": [c.model_dump(mode="json") for c in classes]})
    else:
        from delineate.show.explanation import show_metric

        show_metric(text, classes)
