"""The verb `compare`: networks on the same data, splits, budget, augmentation and seeds; or runs that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from delineate.config import Config, load_config
from delineate.core.errors import LayoutError, UsageError
from delineate.core.memory import MemoryWatch, default_budget_bytes
from delineate.core.progress import Progress, silent
from delineate.core.units import show_time
from delineate.show.board import Board
from delineate.show.comparison import write_board
from delineate.steps.errand import can_train, plan_apart, train_apart
from delineate.steps.groundwork import Groundwork
from delineate.steps.opening import refuse_tiny, refuse_unknown_names
from delineate.steps.sitting import Sitting
from delineate.steps.standing import board_of_runs, board_of_study
from delineate.steps.study import Cell, Study, StudyFolder, WorkState, open_study

Tell = Callable[[str], None]

_FOLDS = 5


def compare(  # noqa: PLR0913
    data: Path,
    out: Path,
    nets: Sequence[str],
    config: Config | None = None,
    *,
    seeds: int = 3,
    progress: Progress = silent,
    tell: Tell = lambda line: None,
    ray: str | None = None,
    cpus: int | None = None,
    gpus: float | None = None,
) -> Board:
    """Train every network with every seed on every fold, test each checkpoint once, and write the tables and the page.

    Every training gets ``config.time`` (or ``train.steps``) and ``config.memory``; planning and preparing, which are
    done once for each network, do not count. The same call goes on where an earlier one stopped; failed trainings are
    begun again from their last checkpoint, finished ones are not touched. With ``ray`` ("local" or an address) the
    trainings are tasks of Ray that take ``cpus`` and ``gpus`` each.

    Raises:
        RunExistsError: ``out`` holds another study.
        CheckError: the data set has errors; all are told.
        UnknownNameError: no such network.
    """
    folder = StudyFolder(Path(out).resolve())
    asked = _ask(Path(data), nets, seeds, config or load_config(time="10min"))
    if ray and asked.config.memory is None:
        raise UsageError(
            "trainings side by side must be told how much memory each may take", "--memory", "write --memory 8GiB"
        )
    for net in asked.nets:
        refuse_unknown_names(asked.config_of(net))
    refuse_tiny(asked.memory_bytes)
    study = open_study(folder, asked)
    cells = study.cells(lay_ground(folder, study, progress))
    tell(_expectation(folder, study, cells))
    work = [c for c in cells if WorkState.at(folder.state(c)).state != "done"]
    if ray:
        from delineate.steps.raytasks import Share, work_with_ray

        share = Share(cpus, gpus, study.memory_bytes, study.config.device)
        work_with_ray(folder, work, ray, share, lambda cell: _tell_end(folder, cells, cell, progress, tell))
    else:
        work_in_turn(folder, work, lambda cell: _tell_end(folder, cells, cell, progress, tell))
    board = board_of_study(folder)
    write_board(board, folder.root)
    return board


def compare_runs(runs: Sequence[Path], out: Path | None = None, anyway: bool = False) -> Board:
    """Compare runs that `train` left, by the scores of their validation cases; with ``out``, write tables and page.

    Raises:
        UsageError: fewer than two runs, or their data, splits or budgets differ (without ``anyway``).
        RunError: a folder that holds no run, or one without scores.
    """
    board = board_of_runs([Path(run) for run in runs], anyway)
    if out is not None:
        write_board(board, Path(out))
    return board


def lay_ground(folder: StudyFolder, study: Study, progress: Progress = silent) -> int:
    """Check, fingerprint and split once for all trainings; the number of folds. What is there is taken as it is."""
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.dataset.split import Splits
    from delineate.dataset.trial import Trials, make_trials

    if not folder.splits.exists():
        with MemoryWatch() as memory:
            sitting = Sitting(0.0, memory, study.memory_bytes)
            ground = Groundwork(folder.ground, study.config, sitting, progress)
            dataset, _ = ground.check(study.data)
        outer = Splits.load(folder.ground.splits)
        finger = Fingerprint.load(folder.ground.fingerprint)
        make_trials(dataset, outer, study.config.seed, finger).save(folder.splits)
        study.config.save(folder.ground.config)
    return len(Trials.load(folder.splits).folds)


def work_in_turn(folder: StudyFolder, cells: Sequence[Cell], ended: Callable[[Cell], None]) -> None:
    """Plan for every network, then one training after another, each in a process of its own."""
    for net in dict.fromkeys(cell.net for cell in cells):
        plan_apart(folder, net)
    for cell in cells:
        if can_train(folder, cell):
            train_apart(folder, cell)
        ended(cell)


def _ask(data: Path, nets: Sequence[str], seeds: int, config: Config) -> Study:
    names = tuple(dict.fromkeys(n.strip() for n in nets if n.strip()))
    if len(names) < 2 or seeds < 1:
        raise UsageError(
            f"{len(names)} networks with {seeds} seeds",
            "two networks or more and a seed",
            "write --nets plain_unet,resenc_unet",
        )
    if config.fold is not None:
        raise UsageError("compare trains on every fold", "no knob `fold`", "say how many with --folds")
    if not data.exists():
        raise LayoutError(f"{data} does not exist", "a folder of scans and masks", "check the path")
    if config.folds is None and config.holdout is None and config.splits is None:
        config = config.model_copy(update={"folds": _FOLDS})
    if config.patches.strength == "auto":  # the same for all, however often each will see a voxel
        patches = config.patches.model_copy(update={"strength": "standard"})
        config = config.model_copy(update={"patches": patches})
    memory_bytes = config.memory_bytes or default_budget_bytes()
    return Study(data=data.resolve(), nets=names, seeds=seeds, config=config, memory_bytes=memory_bytes)


def _expectation(folder: StudyFolder, study: Study, cells: Sequence[Cell]) -> str:
    done = sum(WorkState.at(folder.state(c)).state == "done" for c in cells)
    told = f"{len(cells)} trainings" + (f", {done} of them done" if done else "")
    if study.config.train.steps is not None or study.config.time_s is None:
        return told
    return f"{told}; about {show_time((len(cells) - done) * study.config.time_s)} one after another, and the tests"


def _tell_end(folder: StudyFolder, cells: Sequence[Cell], cell: Cell, progress: Progress, tell: Tell) -> None:
    states = [WorkState.at(folder.state(c)) for c in cells]
    told = WorkState.at(folder.state(cell))
    tell(f"{cell.name}: {told.state}" + (f" ({told.error})" if told.error else ""))
    progress("trainings", sum(s.state == "done" for s in states), len(cells))
