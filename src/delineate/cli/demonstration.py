"""``delineate demo`` and ``delineate phantom``: no data of one's own needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import Json
from delineate.cli.printing import bars, say_json


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="A new folder for data, runs and masks.")] = Path("demo"),
    as_json: Json = False,
) -> None:
    """Phantom data, a trained model, masks and a report, in minutes on a CPU, in 3D and in 2D."""
    from delineate import steps
    from delineate.train.watch import BarWatch

    with bars(not as_json) as progress, BarWatch() as watch:
        results = steps.demo(out, progress, None if as_json else watch)
    if as_json:
        say_json({r.kind: {"dice": r.dice, "report": str(r.report), "masks": str(r.masks)} for r in results})
    else:
        for r in results:
            typer.echo(f"{r.kind}: mean Dice {r.dice:.3f} on {r.cases} unseen phantoms; masks: {r.masks}")
            typer.echo(f"{r.kind}: report: {r.report}")


def phantom(
    kind: Annotated[str, typer.Argument(help="abdomen, brain or photo.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A new folder.")],
    cases: Annotated[int, typer.Option(help="How many.")] = 12,
    seed: Annotated[int, typer.Option(help="The seed.")] = 0,
    as_json: Json = False,
) -> None:
    """Synthetic scans with exact masks."""
    from delineate import steps

    folder = steps.phantom(kind, out, cases, seed)
    if as_json:
        say_json({"folder": str(folder)})
    else:
        typer.echo(f"{cases} {kind} phantoms in {folder}")
