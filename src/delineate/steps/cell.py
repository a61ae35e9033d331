"""The work of a study, done in processes of their own: planning for a network, and one training with its test."""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.files import hash_text
from delineate.core.memory import MemoryWatch, keep_freed_memory, tree_bytes
from delineate.steps.errand import guarded, hold_on_to_parent
from delineate.steps.fold import REPORT_SHARE, TrainJob
from delineate.steps.sitting import Sitting
from delineate.steps.sizing import fixed_net, price_of
from delineate.steps.study import Cell, CellResult, NetFacts, Study, StudyFolder, WorkState

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.config import Config
    from delineate.core.labels import Labels
    from delineate.dataset.case import Case, Dataset
    from delineate.evaluate.score import ClassScore
    from delineate.plan.plan import Plan
    from delineate.train.speed import StepTimer


def main(root: str, what: str, net: str, seed: str = "0", fold: str = "0") -> None:
    """What a process is started for: ``plan`` for a network, or a ``cell``."""
    from delineate.store.lock import only_here

    hold_on_to_parent()
    keep_freed_memory()
    folder = StudyFolder(Path(root))
    if what == "plan":
        with only_here(folder.net(net)):
            guarded(folder.net(net) / "state.json", lambda: plan_net(folder, net))
        return
    cell = Cell(net=net, seed=int(seed), fold=int(fold))
    with only_here(folder.run(cell).root):
        guarded(folder.state(cell), lambda: work_cell(folder, cell))


def plan_net(folder: StudyFolder, net: str) -> bool:
    """Plan for a network within the budget of one training, prepare the data as the plan wants them, count the cost.

    All trainings of a network share the plan. The time this takes is not part of any training's.
    """
    from delineate.dataset.case import Dataset
    from delineate.store.prepare import prepare_dataset

    study = Study.load(folder.study)
    config, dataset = study.config_of(net), Dataset.load(folder.ground.data)
    timer = _timer(config, config.train.precision)
    plan = timer.planned(lambda: _make_plan(folder, study, config, timer))
    key = _prepared_key(dataset, plan)
    prepare_dataset(dataset, plan.labels, plan, folder.prepared(key), study.memory_bytes, config.prepare.workers)
    stage = plan.stages[-1]
    price = price_of(plan, stage)
    facts = NetFacts(
        precision=timer.precision, prepared=key, patch=stage.patch, spacing_mm=stage.spacing_mm,
        parameters=price.parameters, multiply_adds=price.flops,
    )  # fmt: skip
    plan.save(folder.net(net) / "plan.json")
    facts.save(folder.net(net) / "facts.json")
    return True


def work_cell(folder: StudyFolder, cell: Cell) -> bool:
    """Train, or go on training, then test once; whether all of it is done."""
    with MemoryWatch() as memory:
        job = begin_cell(folder, cell, memory)
        if not folder.result(cell).exists() and not train_cell(folder, cell, job):
            return False
        forget_moments(job, cell)
        judge_cell(folder, cell, job)
    return True


def begin_cell(folder: StudyFolder, cell: Cell, memory: MemoryWatch) -> TrainJob:
    """The run folder of a training with all that is shared, as if `train` had made it; the clock starts here."""
    from delineate.dataset.case import Dataset
    from delineate.dataset.trial import Trials
    from delineate.plan.budget import store_limit
    from delineate.plan.plan import Plan
    from delineate.steps.opening import spent_before_s
    from delineate.store.chunks import Store

    study, run, ground = Study.load(folder.study), folder.run(cell), folder.ground
    config = study.config_of_cell(cell)
    config.save(run.config)
    for name in (ground.data, ground.check, ground.fingerprint, folder.net(cell.net) / "plan.json"):
        shutil.copyfile(name, run.root / name.name)
    Trials.load(folder.splits).for_training.save(run.splits)
    facts, plan = NetFacts.load(folder.net(cell.net) / "facts.json"), Plan.load(run.plan)
    store = Store.open_folder(folder.prepared(facts.prepared), plan.stages[-1].name, store_limit(study.memory_bytes))
    timer = _timer(config, facts.precision)
    sitting = Sitting(time.monotonic(), memory, study.memory_bytes, spent_before_s(run))
    return TrainJob(run, config, Dataset.load(run.data), plan, store, timer, sitting, None, (cell.fold,))


def train_cell(folder: StudyFolder, cell: Cell, job: TrainJob) -> bool:
    """Train from the last checkpoint, if there is one; whether it came to its end."""
    from delineate.steps.reporting import keep_pictures, pooled, summarise_run, validation_tables

    job.begun = partial(WorkState.note_step, folder.state(cell))
    outcome = job.train_fold(cell.fold, resume=True)
    if not outcome.complete:
        return False
    train_s = job.sitting.spent_s()
    keep_pictures(job)
    summarise_run(job, [outcome], pooled(validation_tables(job.run))).save(job.run.summary)
    CellResult(
        steps=outcome.state.step,
        train_s=train_s,
        peak_bytes=job.sitting.memory.peak_bytes,
        device_peak_bytes=_device_peak_bytes(job),
        device=str(job.timer.device),
    ).save(folder.result(cell))
    return True


def forget_moments(job: TrainJob, cell: Cell) -> None:
    """Remove what only a training that goes on needs: of forty networks it fills a disk. The card stays."""
    (job.run.fold(cell.fold) / "last.safetensors").unlink(missing_ok=True)


def judge_cell(folder: StudyFolder, cell: Cell, job: TrainJob) -> None:
    """Predict the test cases with the checkpoint that validation chose, and score them with every metric."""
    from delineate.dataset.trial import Trials
    from delineate.evaluate.table import summarise
    from delineate.formats import write_volume
    from delineate.predict.footprint import fit_model
    from delineate.predict.model import load_model, predict_case
    from delineate.steps.prediction import mask_suffix

    wanted = set(Trials.load(folder.splits).folds[cell.fold].test)
    cases = [c for c in job.dataset.labelled if c.name in wanted]
    model = load_model(job.run.root, (cell.fold,), str(job.timer.device))
    model, _ = fit_model(model, cases, job.sitting.budget_bytes, tree_bytes())
    took: list[float] = []
    rows: list[ClassScore] = []
    for case in cases:
        mask = folder.masks(cell) / f"{case.name}{mask_suffix(case.images[0])}"
        if not mask.exists():
            begun = time.perf_counter()
            write_volume(mask, predict_case(model, case))
            took.append(time.perf_counter() - begun)
        rows += _score(mask, case, job.plan.labels)
    summarise(rows).save_json(folder.scores(cell))
    if took:
        result = CellResult.load(folder.result(cell))
        result.model_copy(update={"predict_s": sum(took) / len(took)}).save(folder.result(cell))


def _score(mask: Path, case: Case, labels: Labels) -> tuple[ClassScore, ...]:
    """Every metric of a mask that was predicted for a case."""
    from delineate.evaluate.score import score_case
    from delineate.formats import read_label

    assert case.label is not None
    found, true = read_label(mask), read_label(case.label)
    ids = [labels.encode(volume.array_czyx[0]) for volume in (found, true)]
    return score_case(ids[0], ids[1], labels, true.geometry, case.name)


def _make_plan(folder: StudyFolder, study: Study, config: Config, timer: StepTimer) -> Plan:
    from delineate.dataset.check import CheckResult
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.plan.planner import Budget, make_plan
    from delineate.plan.preparation import with_preparation

    labels = CheckResult.load(folder.ground.check).require()
    finger = Fingerprint.load(folder.ground.fingerprint)
    seconds = None if config.time_s is None else config.time_s * (1 - config.train.validate_share - REPORT_SHARE)
    fixed = fixed_net(config.plan)
    budget = Budget(study.memory_bytes, seconds, timer if seconds else None, timer.value_bytes, fixed=fixed)
    return with_preparation(make_plan(finger, labels, config.plan, budget), config.prepare, finger)


def _timer(config: Config, precision: str) -> StepTimer:
    from delineate.train.device import choose_device
    from delineate.train.speed import StepTimer

    return StepTimer(choose_device(config.device), precision, config.train.loss)


def _prepared_key(dataset: Dataset, plan: Plan) -> str:
    """The same for plans that want the data alike, whatever the files hold."""
    from delineate.store.entry import entry_key

    case = dataset.labelled[0]
    return hash_text(*(entry_key(case, plan.labels, plan, stage, lambda _: "") for stage in plan.stages))[:12]


def _device_peak_bytes(job: TrainJob) -> int | None:
    if job.timer.device.type != "cuda":
        return None
    import torch

    return int(torch.cuda.max_memory_allocated(job.timer.device))
