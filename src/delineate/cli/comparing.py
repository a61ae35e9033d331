"""``delineate compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import ConfigFile, Device, Json, Memory, Sets
from delineate.cli.printing import bars, say_json


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="DATA | RUN RUN ...", help="Data with --nets, or runs.")],
    nets: Annotated[str | None, typer.Option(help="Networks to train: unet,resenc_unet; see `delineate nets`.")] = None,
    seeds: Annotated[int, typer.Option(help="How often each is trained, from other seeds.")] = 3,
    folds: Annotated[int | None, typer.Option(help="Parts of the data, each tested on once; 5 by default.")] = None,
    limit: Annotated[str, typer.Option("--time", help="Of each training: 10min.")] = "10min",
    memory: Memory = None,
    device: Device = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The folder to write; `compare` by default.")] = None,
    config: ConfigFile = None,
    sets: Sets = None,
    ray: Annotated[str | None, typer.Option(help="Train side by side: local, or a Ray cluster's address.")] = None,
    cpus: Annotated[int | None, typer.Option(help="With --ray: cores of each training.")] = None,
    gpus: Annotated[float | None, typer.Option(help="With --ray: GPUs of each training.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Compare runs that differ; it is marked.")] = False,
    as_json: Json = False,
) -> None:
    """Networks under the same conditions, cross-validated and tested; or runs that are there."""
    from delineate import steps
    from delineate.config import load_config

    target = out or Path("compare")
    if nets is None:
        board = steps.compare_runs(paths, target, anyway)
    else:
        refuse_several(paths)
        knobs = load_config(config, sets or (), time=limit, memory=memory, device=device, folds=folds)
        with bars(not as_json) as progress:
            board = steps.compare(
                paths[0], target, nets.split(","), knobs, seeds=seeds, progress=progress, ray=ray, cpus=cpus, gpus=gpus,
                tell=lambda line: None if as_json else typer.echo(line, err=True),
            )  # fmt: skip
    if as_json:
        say_json(board.model_dump(mode="json"))
    else:
        from delineate.show.leaderboard import show_board

        show_board(board)
        typer.echo(f"page: {target / 'compare.html'}")
    raise typer.Exit(1 if board.unfinished else 0)


def refuse_several(paths: list[Path]) -> None:
    """With --nets there is one data set."""
    from delineate.core.errors import UsageError

    if len(paths) != 1:
        raise UsageError(f"{len(paths)} paths with --nets", "one data set", "to compare runs, leave out --nets")
