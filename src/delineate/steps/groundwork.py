"""What comes before the first training step: check, fingerprint, splits, plan and preparation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.config import Config
from delineate.core.errors import LayoutError, UsageError
from delineate.core.labels import Labels
from delineate.core.memory import MemoryWatch, default_budget_bytes, keep_freed_memory
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder
from delineate.steps.checking import threads
from delineate.steps.edited import refuse_other_data, refuse_wrong_records
from delineate.steps.fold import REPORT_SHARE, TrainJob
from delineate.steps.guidance import refuse_wrong_aims
from delineate.steps.opening import (
    open_run,
    precision_of,
    refuse_tiny,
    refuse_unknown_names,
    refuse_wrong_splits,
    spent_before_s,
)
from delineate.steps.sitting import Sitting
from delineate.steps.sizing import fixed_net

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.dataset.split import Splits
    from delineate.plan.plan import Plan
    from delineate.plan.planner import Budget
    from delineate.store.chunks import Store
    from delineate.train.speed import StepTimer

_MOST_NETWORKS = 5
"""Networks that answer together: more answered no better, and each takes its time (see benchmarks/results)."""


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
    refuse_unknown_names(config)
    refuse_wrong_splits(config)
    config = open_run(run, config, resume)
    budget = config.memory_bytes or default_budget_bytes()
    refuse_tiny(budget)
    refuse_wrong_records(run)
    sitting = Sitting(started or time.monotonic(), memory, budget, spent_before_s(run))
    ground = Groundwork(run, config, sitting, progress)
    with sitting.phase("check"):
        dataset, labels = ground.check(data)
        refuse_wrong_aims(config.patches, dataset, labels)
    from delineate.dataset.split import Splits
    from delineate.train.device import choose_device
    from delineate.train.speed import StepTimer

    keep_freed_memory()
    timer = StepTimer(choose_device(config.device), precision_of(run, config), config.train.loss)
    with sitting.phase("plan"):
        plan = ground.plan(labels, timer)
        refuse_other_data(plan, Splits.load(run.splits), dataset, labels)
    with sitting.phase("prepare"):
        store = ground.prepare(dataset, labels, plan)
    return TrainJob(run, config, dataset, plan, store, timer, sitting, None, ground.folds(plan))


@dataclass
class Groundwork:
    """The steps up to the store, each of which leaves its record in the run folder."""

    run: RunFolder
    config: Config
    sitting: Sitting
    progress: Progress

    def check(self, data: Path) -> tuple[Dataset, Labels]:
        """Cases without errors, and what their labels mean; check, fingerprint and splits are written to the run.

        Raises:
            LayoutError: there is no labelled case.
            CheckError: the data set has errors; all are told.
        """
        from delineate.dataset.check import check_dataset
        from delineate.dataset.find import find_cases
        from delineate.dataset.fingerprint import Fingerprint, fingerprint_dataset
        from delineate.dataset.group import join_patients

        dataset, left_out = find_cases(Path(data), self.config.layout), list[str]()
        if most := self.config.limit_cases:
            left_out = [case.name for case in dataset.labelled[most:]]
            dataset = dataset.model_copy(update={"cases": dataset.labelled[:most]})
        if not dataset.labelled:
            raise LayoutError(f"{data} has no labelled case", "scans with masks", "add the masks")
        result = check_dataset(
            dataset, threads(), lambda n, m: self.progress("check", n, m), budget_bytes=self.sitting.budget_bytes,
            rare="allow" if left_out else self.config.rare,  # a limit asks for a quick try with few cases
        )  # fmt: skip
        result.save(self.run.check)
        labels = result.require()
        if self.config.near_duplicates == "group":
            dataset = join_patients(dataset, result.near)
        dataset.save(self.run.data)
        if not self.run.fingerprint.exists():
            finger = fingerprint_dataset(
                dataset, labels, workers=threads(), progress=lambda n, m: self.progress("fingerprint", n, m),
                facts=result.facts,
            )  # fmt: skip
            finger.save(self.run.fingerprint)
        if not self.run.splits.exists():
            finger = Fingerprint.load(self.run.fingerprint)
            self._split(dataset, left_out, finger, result.near).save(self.run.splits)
        return dataset, labels

    def plan(self, labels: Labels, timer: StepTimer) -> Plan:
        """The plan on disk, which a person may have edited, or a new one."""
        from delineate.dataset.fingerprint import Fingerprint
        from delineate.plan.plan import Plan
        from delineate.plan.planner import make_plan
        from delineate.plan.preparation import with_preparation

        if self.run.plan.exists():
            return Plan.load(self.run.plan)
        self.progress("plan", 0, 1)
        finger = Fingerprint.load(self.run.fingerprint)
        plan = timer.planned(lambda: make_plan(finger, labels, self.config.plan, self._budget(timer)))
        plan = with_preparation(plan, self.config.prepare, finger)
        plan.save(self.run.plan)
        self.progress("plan", 1, 1)
        return plan

    def prepare(self, dataset: Dataset, labels: Labels, plan: Plan) -> Store:
        """What the plan wants of every case; what is there already is not made again."""
        from delineate.store.prepare import prepare_dataset

        if self.config.prepare.verify:
            self._repair()
        return prepare_dataset(
            dataset, labels, plan, self.run.prepared, self.sitting.budget_bytes, workers=self.config.prepare.workers,
            progress=lambda n, m: self.progress("prepare", n, m),
        )  # fmt: skip

    def folds(self, plan: Plan) -> tuple[int, ...]:
        """Those asked for, else as many as the plan has networks.

        Raises:
            UsageError: there is no such fold.
        """
        from delineate.dataset.split import Splits

        there = len(Splits.load(self.run.splits).folds)
        folds = tuple(range(min(plan.networks, there))) if self.config.fold is None else self.config.fold
        wrong = [f for f in folds if not 0 <= f < there]
        if wrong:
            raise UsageError(
                f"there is no fold {', '.join(map(str, wrong))}",
                f"0 to {there - 1}",
                "choose a fold that exists with --fold",
            )
        return folds

    def _split(
        self, dataset: Dataset, left_out: Sequence[str], finger: Fingerprint, near: Sequence[tuple[str, str]]
    ) -> Splits:
        """The folds of the file named in the configuration, or drawn ones; refused where they share a scan."""
        from delineate.dataset.split import refuse_near, split_dataset
        from delineate.dataset.splitfile import read_splits

        config = self.config
        if config.splits is None:
            splits = split_dataset(dataset, config.folds, config.seed, holdout=config.holdout, finger=finger)
        else:
            splits = read_splits(Path(config.splits), dataset, left_out)
        if config.near_duplicates == "refuse":
            refuse_near(splits, near)
        return splits

    def _budget(self, timer: StepTimer) -> Budget:
        """Memory, and the seconds that are left for each network once all else is done."""
        from delineate.dataset.split import Splits
        from delineate.plan.planner import Budget

        config, sitting, fixed = self.config, self.sitting, fixed_net(self.config.plan)
        if config.time_s is None:
            return Budget(sitting.budget_bytes, value_bytes=timer.value_bytes, fixed=fixed)
        # preparing reads every voxel once more and writes it
        left = config.time_s - sitting.spent_s() - 2 * sitting.timings_s["check"]
        left = max(left * (1 - config.train.validate_share - REPORT_SHARE), 1.0) / len(config.fold or (0,))
        decided = config.fold is not None or config.train.steps is not None
        most = 1 if decided else min(_MOST_NETWORKS, len(Splits.load(self.run.splits).folds))
        return Budget(sitting.budget_bytes, left, timer, timer.value_bytes, most, fixed)

    def _repair(self) -> None:
        import logging

        from delineate.store.repair import remove_damaged

        for case in remove_damaged(self.run.prepared, lambda n, m: self.progress("verify", n, m)):
            logging.getLogger(__name__).warning("case %s is damaged and is prepared again", case)
