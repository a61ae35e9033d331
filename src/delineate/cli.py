"""The command line: arguments in, text out; nothing else."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import delineate

app = typer.Typer(
    name="delineate",
    help="Medical image segmentation in the memory and the time you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="A folder of scans and masks, a list file or a CSV manifest.")
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder that `delineate train -o` wrote.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Layout = Annotated[str | None, typer.Option(help="How the folder is laid out, where it cannot be told.")]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]
Memory = Annotated[str | None, typer.Option(help="Peak memory of all processes: 8GiB.")]


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Medical image segmentation in the memory and the time you have."""
    if version:
        typer.echo(delineate.__version__)
        raise typer.Exit


@app.command()
def check(
    data: Data,
    layout: Layout = None,
    memory: Memory = None,
    html: Annotated[Path | None, typer.Option(help="Write a page about the data to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Every problem of a data set at once, each with its fix."""
    from delineate import steps

    used: list[Any] = []
    with bars(not as_json) as progress:
        dataset, result = steps.check(data, layout, progress, memory=memory, told=used.append, html=html)
    if as_json:
        found = {"dataset": dataset.model_dump(mode="json"), "check": result.model_dump(mode="json"), "ok": result.ok}
        say_json({**found, "memory": vars(used[0])})
    else:
        from delineate.show.terminal import show_check

        show_check(dataset, result)
        typer.echo(str(used[0]))
        if html is not None:
            typer.echo(f"page: {html}")
    raise typer.Exit(0 if result.ok else 1)


@app.command()
def train(
    data: Data,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The run folder to write.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with knobs.")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="One knob: train.steps=500. May be repeated.")] = None,
    limit: Annotated[
        str | None, typer.Option("--time", help="Wall-clock time of the whole command: 20min, 2h.")
    ] = None,
    memory: Memory = None,
    device: Device = None,
    layout: Layout = None,
    net: Annotated[str | None, typer.Option(help="The network; see `delineate nets`.")] = None,
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
        plan__net=net, plan__dims=None if dims is None else dimensions(dims),
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


@app.command()
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
        typer.echo(f"{len(masks)} mask{'s' if len(masks) != 1 else ''} written to {out}")
        typer.echo(str(used[0]))


@app.command()
def evaluate(
    prediction: Annotated[Path, typer.Argument(metavar="PRED", help="A mask or a folder of masks.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="The true mask or masks, of the same names.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A folder for CSV, JSON, LaTeX, HTML.")] = None,
    run: Annotated[Path | None, typer.Option(help="Take the names of the classes from this run.")] = None,
    resample: Annotated[bool, typer.Option("--resample", help="Bring predictions to the truth's grid.")] = False,
    groups: Annotated[Path | None, typer.Option(help="A CSV: case, then columns to group by (scanner, site).")] = None,
    size_bins: Annotated[str | None, typer.Option(help="Group by true volume: tertiles, or edges in ml: 1,10.")] = None,
    probabilities: Annotated[Path | None, typer.Option(help="Maps of predict: calibration too.")] = None,
    memory: Memory = None,
    as_json: Json = False,
) -> None:
    """Scores per case and class, with what the means leave out."""
    from delineate import steps

    used: list[Any] = []
    with bars(not as_json) as progress:
        table = steps.evaluate(
            prediction, truth, out, run, progress, resample=resample, memory=memory, groups=groups,
            size_bins=size_bins, told=used.append,
        )  # fmt: skip
        maps = None if probabilities is None else steps.calibrate(probabilities, truth, out, run, progress)
    if as_json:
        calibration = {} if maps is None else {"calibration": maps.model_dump(mode="json")}
        say_json({**table.model_dump(mode="json"), **calibration, "memory": vars(used[0])})
    else:
        from delineate.show.scoretext import show_scores

        show_scores(table)
        if maps is not None:
            from delineate.show.calibrationtext import show_calibration

            show_calibration(maps)
        typer.echo(str(used[0]))


@app.command()
def compare(
    paths: Annotated[list[Path], typer.Argument(metavar="DATA | RUN RUN ...", help="Data with --nets, or runs.")],
    nets: Annotated[str | None, typer.Option(help="Networks to train: unet,resenc_unet; see `delineate nets`.")] = None,
    seeds: Annotated[int, typer.Option(help="How often each is trained, from other seeds.")] = 3,
    folds: Annotated[int | None, typer.Option(help="Parts of the data, each tested on once; 5 by default.")] = None,
    limit: Annotated[str, typer.Option("--time", help="Of each training: 10min.")] = "10min",
    memory: Memory = None,
    device: Device = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The folder to write; `compare` by default.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with knobs.")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="One knob: train.steps=500. May be repeated.")] = None,
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


@app.command()
def explain(
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="Its name; see `delineate metrics`.")],
    case: Annotated[tuple[Path, Path] | None, typer.Option(metavar="PRED TRUTH", help="Two masks.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A PNG of where the two agree.")] = None,
    run: Annotated[Path | None, typer.Option(help="Take the names of the classes from this run.")] = None,
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


@app.command()
def report(run: Run, as_json: Json = False) -> None:
    """Draw the page of a run anew."""
    from delineate import steps

    page = steps.report(run)
    if as_json:
        say_json({"report": str(page)})
    else:
        typer.echo(f"report: {page}")


@app.command()
def bench(
    data: Data,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A run folder, prepared or new; a temporary one by default.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with knobs.")] = None,
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


@app.command()
def env(as_json: Json = False) -> None:
    """Versions, devices, cores and memory; says loudly when a GPU lies idle."""
    from delineate import steps

    machine, found = steps.env()
    if as_json:
        say_json({"machine": machine.model_dump(mode="json"), "versions": found})
    else:
        from delineate.show.terminal import show_machine

        show_machine(machine, found)


@app.command()
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


@app.command()
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


def _listing(room: str) -> Callable[[bool], None]:
    def show(as_json: Json = False) -> None:
        from delineate import steps

        found = steps.plugins(room)
        if as_json:
            say_json(found)
        else:
            for name, told in found.items():
                typer.echo(f"{name:24} {told}")

    show.__doc__ = f"The {room} that can be chosen by name."
    return show


for _room in ("nets", "losses", "samplers", "augmentations", "metrics", "formats", "layouts", "checks", "normalisers"):
    app.command(_room)(_listing(_room))


def main() -> None:
    """Run and turn every end into an exit code: 0 done, 1 the person can fix it, 2 wrong usage, 3 a bug."""
    from delineate.core.errors import DelineateError
    from delineate.core.threads import spin_briefly

    spin_briefly()
    try:
        app(standalone_mode=True)
    except DelineateError as error:
        if "--json" in sys.argv:
            say_json({"error": error.code, "what": error.what, "expected": error.expected, "fix": error.fix})
        typer.echo(f"error {error.code}: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("stopped", err=True)
        sys.exit(130)
    except Exception:
        traceback.print_exc()
        typer.echo(
            "This is a bug in delineate. Please report it with the text above, the command, and `delineate env`.",
            err=True,
        )
        sys.exit(3)


def bars(shown: bool) -> Any:
    """Progress bars on a terminal, lines in a log, nothing for machines."""
    from delineate.show.bars import Bars

    return Bars(shown)


def refuse_several(paths: list[Path]) -> None:
    """With --nets there is one data set."""
    from delineate.core.errors import UsageError

    if len(paths) != 1:
        raise UsageError(f"{len(paths)} paths with --nets", "one data set", "to compare runs, leave out --nets")


def say_json(value: Any) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(value, indent=2, default=str))


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
