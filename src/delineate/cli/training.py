"""``delineate train``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import ConfigFile, Data, Device, Json, Layout, Memory, Sets
from delineate.cli.printing import bars, say_json


def train(
    data: Data,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run folder to write.")] = None,
    config: ConfigFile = None,
    sets: Sets = None,
    limit: Annotated[
        str | None, typer.Option("--time", help="Wall-clock time of the whole command: 20min, 2h.")
    ] = None,
    memory: Memory = None,
    device: Device = None,
    layout: Layout = None,
    net: Annotated[str | None, typer.Option(help="The network; see `delineate nets`.")] = None,
    backbone: Annotated[str | None, typer.Option(help="The network's encoder, where it has a choice.")] = None,
    dims: Annotated[str | None, typer.Option(help="2, 2.5 or 3.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of everything drawn.")] = None,
    fold: Annotated[list[int] | None, typer.Option(help="Which fold to train. May be repeated.")] = None,
    splits: Annotated[str | None, typer.Option(help="A file of folds: ours or nnU-Net's.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the run in the folder.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Prepare damaged cases again.")] = False,
    as_json: Json = False,
) -> None:
    """Check, plan, prepare and train within the time and memory given."""
    started = process_start()
    from delineate import steps
    from delineate.config import load_config

    knobs = load_config(
        config, sets or (), time=limit, memory=memory, device=device, layout=layout, seed=seed,
        splits=splits, fold=tuple(fold) if fold else None, prepare__verify=repair or None,
        plan__net=net, plan__net_options__backbone=backbone, plan__dims=None if dims is None else dimensions(dims),
    )  # fmt: skip
    target = out or Path("runs") / data.resolve().name
    from delineate.train.watch import BarWatch

    with bars(not as_json) as progress, BarWatch() as watch:
        result = steps.train(
            data, target, knobs, resume=resume, progress=progress, watch=None if as_json else watch, started=started
        )
    if as_json:
        say_json({k: str(v) if isinstance(v, Path) else v for k, v in vars(result).items()})
    else:
        from delineate.show.terminal import show_training

        show_training(result)
    raise typer.Exit(0 if result.complete else 1)


def dimensions(text: str) -> float:
    """2, 2.5 or 3 given as text."""
    from delineate.config import DIMS
    from delineate.core.errors import UsageError

    known: dict[str, float] = {str(d): d for d in DIMS}
    if text not in known:
        raise UsageError(f"--dims {text} is not available", ", ".join(known), "write --dims 3")
    return known[text]


def process_start() -> float:
    """When this process began, on the monotonic clock: start-up counts towards --time."""
    import psutil

    return time.monotonic() - max(0.0, time.time() - psutil.Process().create_time())
