"""``delineate compare``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from delineate.cli.options import ConfigFile, Device, Json, Memory, Sets
from delineate.cli.printing import bars, say_json

SEEDS, TIME = 3, "10min"


def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="DATA | RUN RUN ...", help="Data with --nets, or runs.")],
    nets: Annotated[str | None, typer.Option(help="Networks to train: unet,resenc_unet; see `delineate nets`.")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="How often each is trained, from other seeds; 3 by default.")
    ] = None,
    folds: Annotated[int | None, typer.Option(help="Parts of the data, each tested on once; 5 by default.")] = None,
    limit: Annotated[str | None, typer.Option("--time", help="Of each training; 10min by default.")] = None,
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

    target, times = out or Path("compare"), SEEDS if seeds is None else seeds
    if nets is None:
        of_training = {"--seeds": seeds, "--folds": folds, "--time": limit, "--memory": memory, "--device": device}
        refuse_training(
            {**of_training, "--config": config, "--set": sets, "--ray": ray, "--cpus": cpus, "--gpus": gpus}
        )
        board = steps.compare_runs(paths, target, anyway)
    else:
        refuse_several(paths)
        knobs = load_config(config, sets or (), time=limit or TIME, memory=memory, device=device, folds=folds)
        with bars(not as_json) as progress:
            board = steps.compare(
                paths[0], target, nets.split(","), knobs, seeds=times, progress=progress, ray=ray, cpus=cpus, gpus=gpus,
                tell=lambda line: None if as_json else typer.echo(line, err=True),
            )  # fmt: skip
    if as_json:
        say_json(board.model_dump(mode="json"))
    else:
        from delineate.show.leaderboard import show_board

        show_board(board)
        typer.echo(f"page: {target / 'compare.html'}")
    raise typer.Exit(1 if board.unfinished else 0)


def refuse_training(asked: Mapping[str, object]) -> None:
    """Runs that are there are compared as they are."""
    from delineate.core.errors import UsageError

    given = [flag for flag, value in asked.items() if value not in (None, [], ())]
    if given:
        raise UsageError(
            f"{', '.join(given)} without --nets",
            "finished runs alone, which are compared as they are",
            "to train, say --nets plain_unet,resenc_unet; to compare runs, leave out what is about training",
        )


def refuse_several(paths: list[Path]) -> None:
    """With --nets there is one data set."""
    from delineate.core.errors import UsageError

    if len(paths) != 1:
        raise UsageError(f"{len(paths)} paths with --nets", "one data set", "to compare runs, leave out --nets")
