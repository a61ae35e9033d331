"""``delineate doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import ConfigFile, Data, Device, Json, Layout, Memory
from delineate.cli.printing import bars, say_json


def doctor(
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A run folder, prepared or new; a temporary one by default.")
    ] = None,
    config: ConfigFile = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="One knob: train.loss=dice; repeatable.")] = None,
    memory: Memory = None,
    device: Device = None,
    layout: Layout = None,
    net: Annotated[str | None, typer.Option(help="The network; see `delineate nets`.")] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps in which one batch is to be learnt.")] = 100,
    seconds: Annotated[float, typer.Option(help="At most so long on that batch.")] = 120.0,
    as_json: Json = False,
) -> None:
    """Why a network does not learn this data: masks, patches, loss, and one batch learnt by heart."""
    from delineate import steps as verbs
    from delineate.config import load_config

    knobs = load_config(config, sets or (), memory=memory, device=device, layout=layout, plan__net=net)
    with bars(not as_json) as progress:
        diagnosis = verbs.doctor(data, out, knobs, steps=steps, seconds=seconds, progress=progress)
    if as_json:
        say_json({**diagnosis.model_dump(mode="json"), "ok": diagnosis.ok})
    else:
        from delineate.show.doctortext import show_diagnosis

        show_diagnosis(diagnosis.findings)
    raise typer.Exit(0 if diagnosis.ok else 1)
