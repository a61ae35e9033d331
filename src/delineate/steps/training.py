"""The verb `train`: the walk from a folder to a report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.config import Config, load_config
from delineate.core.errors import BudgetError, LayoutError, UsageError
from delineate.core.labels import Labels
from delineate.core.memory import MemoryWatch, default_budget_bytes, keep_freed_memory
from delineate.core.progress import Progress, silent
from delineate.core.registry import Registry
from delineate.core.run import RunFolder
from delineate.core.units import show_memory
from delineate.steps.checking import threads
from delineate.steps.fold import REPORT_SHARE, TrainJob
from delineate.steps.guidance import refuse_wrong_aims
from delineate.steps.reporting import keep_pictures, report, summarise_run
from delineate.steps.sitting import Sitting

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.plan.plan import Plan
    from delineate.store.chunks import Store
    from delineate.train.fit import Outcome
    from delineate.train.speed import StepTimer
    from delineate.train.watch import Watch


_LEAST_MEMORY = 800 * 1024**2


@dataclass(frozen=True)
class TrainResult:
    """Where the run lies and how it ended."""

    run: Path
    complete: bool
    validation_dice: float | None
    steps: int
    seconds: float
    peak_bytes: int
    expected_bytes: int
    report: Path | None


def train(
    data: Path,
    out: Path,
    config: Config | None = None,
    *,
    resume: bool = False,
    progress: Progress = silent,
    watch: Watch | None = None,
    started: float | None = None,
) -> TrainResult:
    """Check, fingerprint, plan, prepare and fit, within the time and memory of the configuration.

    ``started`` is the monotonic time at which the command began; its time budget counts from there.

    Raises:
        CheckError: the data set has errors; all are told.
        RunExistsError: ``out`` holds another run and ``resume`` was not asked for.
        BudgetError: nothing fits the memory or the time.
    """
    with MemoryWatch() as memory:
        job = begin_job(Path(data), RunFolder(Path(out)), config or load_config(), memory, progress, resume, started)
        job.watch = watch
        outcomes = [job.train_fold(fold, resume) for fold in job.folds]
        return _finish(job, outcomes)


def begin_job(
    data: Path,
    run: RunFolder,
    config: Config,
    memory: MemoryWatch,
    progress: Progress = silent,
    resume: bool = False,
    started: float | None = None,
) -> TrainJob:
    """All of `train` before its first step: check, plan and prepare; what is there already is taken as it is."""
    _refuse_unknown_names(config)
    config = _open_run(run, config, resume)
    budget = config.memory_bytes or default_budget_bytes()
    _refuse_tiny(budget)
    sitting = Sitting(started or time.monotonic(), memory, budget, _spent_before_s(run))
    with sitting.phase("check"):
        dataset, labels = _checked(data, run, config, progress)
        refuse_wrong_aims(config.patches, dataset, labels)
    from delineate.train.device import choose_device
    from delineate.train.speed import StepTimer

    keep_freed_memory()
    timer = StepTimer(choose_device(config.device), _precision(run, config), config.train.loss)
    with sitting.phase("plan"):
        plan = _planned(dataset, labels, run, config, sitting, timer, progress)
    with sitting.phase("prepare"):
        if config.prepare.verify:
            _repair(run, progress)
        store = _prepared(dataset, labels, plan, run, config, sitting, progress)
    return TrainJob(run, config, dataset, plan, store, timer, sitting, None, _folds_to_train(run, config, plan))


def _open_run(run: RunFolder, config: Config, resume: bool) -> Config:
    """The configuration is written before any work; a resumed run goes on with the one it was begun with, except
    that ``prepare.verify`` is a wish for this sitting."""
    if resume and run.config.exists():
        begun = load_config(run.config)
        return begun.model_copy(update={"prepare": begun.prepare.model_copy(update={"verify": config.prepare.verify})})
    run.begin()
    config.save(run.config)
    return config


def _refuse_unknown_names(config: Config) -> None:
    """A misspelt plug-in is told before any work, not after an hour of preparation."""
    from delineate.losses.loss import LOSSES
    from delineate.nets.net import NETS
    from delineate.patches.sampler import SAMPLERS
    from delineate.plan.planner import PLANNERS
    from delineate.store.masks import refuse_unknown_crop
    from delineate.store.normalise import refuse_unknown_normaliser

    refuse_unknown_normaliser(config.plan.normaliser)
    refuse_unknown_crop(config.prepare.crop)
    asked: tuple[tuple[Registry[Any], str], ...] = (
        (LOSSES, config.train.loss),
        (NETS, config.plan.net),
        (SAMPLERS, config.patches.sampler),
        (PLANNERS, config.plan.planner),
    )
    for registry, name in asked:
        _ = registry[name]


def _refuse_tiny(budget_bytes: int) -> None:
    if budget_bytes < _LEAST_MEMORY:
        raise BudgetError(
            f"{show_memory(budget_bytes)} of memory is too little to train in",
            f"at least {show_memory(_LEAST_MEMORY)}: Python and torch alone take most of that",
            "give more with --memory, or free some",
        )


def _spent_before_s(run: RunFolder) -> float:
    """Seconds earlier sittings of this run used."""
    from delineate.train.state import load_newest_card

    spent = [0.0]
    for fold in run.folds:
        if (run.fold(fold) / "last.json").exists():
            spent.append(float(load_newest_card(run.fold(fold) / "last")["state"]["spent_s"]))
    return max(spent)


def _precision(run: RunFolder, config: Config) -> str:
    """A resumed run keeps its precision: bitwise the same numbers."""
    from delineate.train.state import load_newest_card

    for fold in run.folds:
        if (run.fold(fold) / "last.json").exists():
            return str(load_newest_card(run.fold(fold) / "last")["precision"])
    return config.train.precision


def _checked(data: Path, run: RunFolder, config: Config, progress: Progress) -> tuple[Dataset, Labels]:
    """Cases without errors, and what their labels mean. Check, fingerprint and splits are written to the run."""
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases
    from delineate.dataset.fingerprint import fingerprint_dataset
    from delineate.dataset.split import split_dataset

    dataset = find_cases(Path(data), config.layout)
    if config.limit_cases:
        dataset = dataset.model_copy(update={"cases": dataset.labelled[: config.limit_cases]})
    if not dataset.labelled:
        raise LayoutError(f"{data} has no labelled case", "scans with masks", "add the masks")
    budget = config.memory_bytes or default_budget_bytes()
    result = check_dataset(dataset, threads(), lambda n, m: progress("check", n, m), budget_bytes=budget)
    result.save(run.check)
    labels = result.require()
    dataset.save(run.data)
    if not run.fingerprint.exists():
        finger = fingerprint_dataset(
            dataset, labels, workers=threads(), progress=lambda n, m: progress("fingerprint", n, m),
            facts=result.facts,
        )  # fmt: skip
        finger.save(run.fingerprint)
    if not run.splits.exists():
        split_dataset(dataset, config.folds, config.seed).save(run.splits)
    return dataset, labels


def _planned(
    dataset: Dataset,
    labels: Labels,
    run: RunFolder,
    config: Config,
    sitting: Sitting,
    timer: StepTimer,
    progress: Progress,
) -> Plan:
    """The plan on disk, which a person may have edited, or a new one."""
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.dataset.split import Splits
    from delineate.plan.plan import Plan
    from delineate.plan.planner import Budget, make_plan
    from delineate.plan.preparation import with_preparation

    if run.plan.exists():
        return Plan.load(run.plan)
    progress("plan", 0, 1)
    left = None if config.time_s is None else config.time_s - sitting.spent_s()
    if left is not None:
        left -= 2 * sitting.timings_s["check"]  # preparing reads every voxel once more and writes it
        left = max(left * (1 - config.train.validate_share - REPORT_SHARE), 1.0) / len(config.fold or (0,))
    finger = Fingerprint.load(run.fingerprint)
    most = len(Splits.load(run.splits).folds) if config.fold is None and config.train.steps is None else 1
    budget = Budget(sitting.budget_bytes, left, timer if left is not None else None, timer.value_bytes, most)
    plan = with_preparation(make_plan(finger, labels, config.plan, budget), config.prepare, finger)
    plan.save(run.plan)
    progress("plan", 1, 1)
    return plan


def _prepared(
    dataset: Dataset,
    labels: Labels,
    plan: Plan,
    run: RunFolder,
    config: Config,
    sitting: Sitting,
    progress: Progress,
) -> Store:
    from delineate.store.prepare import prepare_dataset

    return prepare_dataset(
        dataset, labels, plan, run.prepared, sitting.budget_bytes, workers=config.prepare.workers,
        progress=lambda n, m: progress("prepare", n, m),
    )  # fmt: skip


def _repair(run: RunFolder, progress: Progress) -> None:
    import logging

    from delineate.store.repair import remove_damaged

    for case in remove_damaged(run.prepared, lambda n, m: progress("verify", n, m)):
        logging.getLogger(__name__).warning("case %s is damaged and is prepared again", case)


def _folds_to_train(run: RunFolder, config: Config, plan: Plan) -> tuple[int, ...]:
    from delineate.dataset.split import Splits

    there = len(Splits.load(run.splits).folds)
    folds = tuple(range(min(plan.networks, there))) if config.fold is None else config.fold
    wrong = [f for f in folds if not 0 <= f < there]
    if wrong:
        raise UsageError(
            f"there is no fold {', '.join(map(str, wrong))}",
            f"0 to {there - 1}",
            "choose a fold that exists with --fold",
        )
    return folds


def _finish(job: TrainJob, outcomes: list[Outcome]) -> TrainResult:
    """Pictures, summary and report."""
    complete = all(o.complete for o in outcomes)
    with job.sitting.phase("report"):
        if complete:
            keep_pictures(job)
    summary = summarise_run(job, outcomes, complete)
    summary.save(job.run.summary)
    page = report(job.run.root) if complete else None
    return TrainResult(
        run=job.run.root,
        complete=complete,
        validation_dice=summary.validation_dice,
        steps=summary.steps,
        seconds=job.sitting.spent_s(),
        peak_bytes=job.sitting.memory.peak_bytes,
        expected_bytes=job.plan.memory_bytes,
        report=page,
    )
