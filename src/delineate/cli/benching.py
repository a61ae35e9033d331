"""``delineate bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import ConfigFile, Data, Device, Json, Layout, Memory
from delineate.cli.printing import bars, say_json


def bench(
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A run folder, prepared or new; a temporary one by default.")
    ] = None,
    config: ConfigFile = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="One knob: patches.workers=2; repeatable.")] = None,
    memory: Memory = None,
    device: Device = None,
    layout: Layout = None,
    seconds: Annotated[float, typer.Option(help="How long to measure in each way.")] = 5.0,
    as_json: Json = False,
) -> None:
    """Patches per second, piece by piece; the bottleneck, and what to change."""
    from delineate import steps
    from delineate.config import load_config

    knobs = load_config(config, sets or (), memory=memory, device=device, layout=layout)
    with bars(not as_json) as progress:
        result = steps.bench(data, out, knobs, seconds=seconds, progress=progress)
    if as_json:
        say_json(vars(result))
    else:
        from delineate.show.benchtable import show_bench

        show_bench(result)
