"""The verb `train`: the walk from a folder to a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.config import Config, load_config
from delineate.core.errors import CollapsedError
from delineate.core.memory import MemoryWatch
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder
from delineate.steps.fold import TrainJob
from delineate.steps.gathering import save_scores
from delineate.steps.groundwork import begin_job
from delineate.steps.reporting import keep_pictures, pooled, report, summarise_run, validation_tables

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.train.fit import Outcome
    from delineate.train.watch import Watch


@dataclass(frozen=True)
class TrainResult:
    """Where the run lies and how it ended. ``validation_dice`` is the report's: of all cases of the last validation (of
    a training that was stopped, the best so far, over the cases that every validation had time for); so are the surface
    distances (None where they were not measured of every case)."""

    run: Path
    complete: bool
    validation_dice: float | None
    steps: int
    seconds: float
    peak_bytes: int
    expected_bytes: int
    report: Path | None
    validation_hd95_mm: float | None = None
    validation_nsd: float | None = None


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
        CollapsedError: a network predicts only background and no longer learns otherwise; there is a report.
    """
    with MemoryWatch() as memory:
        job = begin_job(Path(data), RunFolder(Path(out)), config or load_config(), memory, progress, resume, started)
        job.watch = watch
        try:
            outcomes = _train_folds(job, resume)
        except CollapsedError:
            _account_for_collapse(job)
            raise
        return _finish(job, outcomes)


def _train_folds(job: TrainJob, resume: bool) -> list[Outcome]:
    """One fold after another; a signal that ends one ends them all."""
    outcomes: list[Outcome] = []
    for fold in job.folds:
        outcomes.append(job.train_fold(fold, resume))
        if not outcomes[-1].complete:
            break
    return outcomes


def _account_for_collapse(job: TrainJob) -> None:
    """Summary and report of a run that was stopped: its pictures show what the network did."""
    from delineate.train.fit import Outcome
    from delineate.train.state import load_newest_card

    states = [load_newest_card(job.run.fold(fold) / "last").state for fold in job.run.folds]
    outcomes = [Outcome(state, complete=False) for state in states]
    for fold, validator in job.validators.items():
        save_scores(validator.scores, job.run.fold(fold))
    summarise_run(job, outcomes, scores=None).save(job.run.summary)
    report(job.run.root)


def _finish(job: TrainJob, outcomes: list[Outcome]) -> TrainResult:
    """Pictures, summary and report."""
    complete = all(o.complete for o in outcomes)
    with job.sitting.phase("report"):
        if complete:
            keep_pictures(job)
    scores = pooled(validation_tables(job.run)) if complete else None
    summary = summarise_run(job, outcomes, scores)
    summary.save(job.run.summary)
    page = report(job.run.root) if complete else None
    means = {} if scores is None else scores.foreground
    return TrainResult(
        run=job.run.root,
        complete=complete,
        validation_dice=summary.validation_dice,
        steps=summary.steps,
        seconds=job.sitting.spent_s(),
        peak_bytes=job.sitting.memory.peak_bytes,
        expected_bytes=job.plan.memory_bytes,
        report=page,
        validation_hd95_mm=means.get("hd95"),
        validation_nsd=means.get("nsd"),
    )
