"""The arguments and flags that several commands share, each worded once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="A folder of scans and masks, a list file or a CSV manifest.")
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `delineate train -o` wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Layout = Annotated[str | None, typer.Option(help="How the folder is laid out, where it cannot be told.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]
Memory = Annotated[str | None, typer.Option(help="Peak memory of all processes: 8GiB.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A TOML file with knobs.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="One knob: train.steps=500. May be repeated.")]
NamesOf = Annotated[Path | None, typer.Option("--run", help="Take the names of the classes from this run.")]
