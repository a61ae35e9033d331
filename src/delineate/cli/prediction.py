"""``delineate predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from delineate.cli.options import Device, Json, Memory, Run
from delineate.cli.printing import bars, say_json
from delineate.core.listing import counted


def predict(
    run: Run,
    scans: Annotated[Path, typer.Argument(metavar="SCANS", help="A scan, a folder of scans or a list file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="A file for one scan, else a folder.")],
    memory: Memory = None,
    device: Device = None,
    mirror: Annotated[bool, typer.Option("--mirror", help="Average over mirrored views (slower).")] = False,
    fold: Annotated[list[int] | None, typer.Option(help="Which folds to use; all by default.")] = None,
    probabilities: Annotated[Path | None, typer.Option(help="A folder for maps: CLASS/CASE.nii.gz, 0 to 1.")] = None,
    as_json: Json = False,
) -> None:
    """Masks for new scans, on each scan's own grid."""
    from delineate import steps

    used: list[Any] = []
    with bars(not as_json) as progress:
        masks = steps.predict(
            run,
            scans,
            out,
            device=device or "auto",
            mirror=mirror,
            folds=tuple(fold) if fold else None,
            progress=progress,
            memory=memory,
            told=used.append,
            probabilities=probabilities,
        )
    if as_json:
        say_json({"masks": [str(m) for m in masks], "memory": vars(used[0])})
    else:
        typer.echo(f"{counted(len(masks), 'mask')} written to {out}")
        typer.echo(str(used[0]))
