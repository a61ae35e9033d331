"""Preparation of a data set: every case for every stage, side by side within the memory given, once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from delineate.core.errors import DataError
from delineate.core.labels import Labels
from delineate.core.memory import tree_bytes
from delineate.core.threads import cpus
from delineate.dataset.case import Case, Dataset
from delineate.plan.budget import store_limit
from delineate.plan.plan import Plan, Stage
from delineate.store.chunks import Index, Indexed, Store
from delineate.store.content import Contents
from delineate.store.crew import choose_crew
from delineate.store.entry import entry_key, is_written, remove_stale, remove_unfinished
from delineate.store.job import Job, Target, job_bytes
from delineate.store.lock import only_here
from delineate.store.scan import prepare_case, prepare_label
from delineate.store.workers import Progress, run_jobs

__all__ = ["prepare_case", "prepare_dataset", "prepare_label"]

_WORKER_BYTES = 200 * 1024**2
_WORTH_PROCESSES_BYTES = 2 * 1024**3


def prepare_dataset(
    data: Dataset,
    labels: Labels,
    plan: Plan,
    folder: Path,
    memory_bytes: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Store:
    """Prepare all labelled cases for all stages into ``folder`` and open the last stage's store; earlier stages are
    opened with `Store.open_folder`.

    A case whose files and decisions are as they were is not touched. ``workers`` processes work side by side, None for
    as many as cores and memory allow and the work is worth. Another process that prepares into ``folder`` is waited
    for.

    Raises:
        DataError: there is no labelled case.
        DiskFullError: the disk is full; finished cases are kept.
        WorkerError: a process died.
        BudgetError: a case does not fit ``memory_bytes``; nothing was prepared.
    """
    if not data.labelled:
        raise DataError(f"no case of {data.root} has a mask", "at least one labelled case", "add masks to the folder")
    folder = Path(folder)
    with only_here(folder):
        contents = Contents.open_folder(folder)
        keys = [
            {s.name: entry_key(case, labels, plan, s, contents.hash_of) for s in plan.stages} for case in data.labelled
        ]
        contents.save()
        jobs = _missing(data.labelled, keys, labels, plan, folder)
        if jobs:
            try:
                run_jobs(jobs, _worker_count(jobs, memory_bytes, workers), progress)
            finally:
                remove_unfinished(folder)
        for stage in plan.stages:
            _write_index(folder, stage, data.labelled, [k[stage.name] for k in keys])
        remove_stale(folder, {entry for key in keys for entry in key.values()})
    return Store.open_folder(folder, plan.stages[-1].name, store_limit(memory_bytes))


def _missing(
    cases: Sequence[Case], keys: Sequence[dict[str, str]], labels: Labels, plan: Plan, folder: Path
) -> list[Job]:
    """A job for every case that lacks a stage; equal cases are prepared once."""
    jobs, planned = [], set()
    for case, key in zip(cases, keys, strict=True):
        wanted = [(s, folder / key[s.name]) for s in plan.stages if key[s.name] not in planned]
        targets = tuple(Target(stage=s, folder=f) for s, f in wanted if not is_written(f))
        planned |= set(key.values())
        if targets:
            jobs.append(Job(case=case, labels=labels, plan=plan, targets=targets))
    return jobs


def _worker_count(jobs: Sequence[Job], memory_bytes: int, workers: int | None) -> int:
    """Processes that fit cores and memory; one where starting them would take longer than they save."""
    sizes = [job_bytes(job) for job in jobs]
    fitting = choose_crew(sizes, [job.case.name for job in jobs], memory_bytes, tree_bytes(), _WORKER_BYTES)
    if workers is not None:
        return min(workers, fitting)
    if sum(sizes) < _WORTH_PROCESSES_BYTES:
        return 1
    return min(cpus(), fitting)


def _write_index(folder: Path, stage: Stage, cases: Sequence[Case], keys: Sequence[str]) -> None:
    indexed = tuple(Indexed(case=case, folder=key) for case, key in zip(cases, keys, strict=True))
    Index(stage=stage, cases=indexed).save(folder / f"stage-{stage.name}.json")
