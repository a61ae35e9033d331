"""The Python API, one function per verb: the only place where rooms are joined."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import delineate
from delineate.config import Config, load_config
from delineate.core.errors import BudgetError, LayoutError, UsageError
from delineate.core.labels import Labels
from delineate.core.memory import MemoryWatch, default_budget_bytes
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder
from delineate.core.units import show_memory

if TYPE_CHECKING:  # the rooms below are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Case, Dataset
    from delineate.dataset.check import CheckResult
    from delineate.dataset.split import Split
    from delineate.evaluate.table import ScoreTable
    from delineate.plan.plan import Plan
    from delineate.predict.model import Model
    from delineate.predict.validate import Validator
    from delineate.show.facts import CasePicture, Mosaic
    from delineate.store.chunks import Store
    from delineate.train.fit import Outcome
    from delineate.train.speed import StepTimer
    from delineate.train.watch import Watch

_LEAST_MEMORY = 800 * 1024**2
_REPORT_SHARE = 0.02
"""Of a run's time, kept for pictures and the report."""


# Check ----------------------------------------------------------------------------------------------------------------


def check(data: Path, layout: str | None = None, progress: Progress = silent) -> tuple[Dataset, CheckResult]:
    """Find the cases of a folder and tell every problem they have; see `dataset.check`."""
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases

    dataset = find_cases(Path(data), layout)
    result = check_dataset(dataset, workers=_threads(), progress=lambda n, m: progress("check", n, m))
    return dataset, result


# Train ----------------------------------------------------------------------------------------------------------------


@dataclass
class Sitting:
    """One call of `train`: when it began, what it may use, and how long each phase took."""

    started: float
    memory: MemoryWatch
    budget_bytes: int
    spent_before_s: float = 0.0
    timings_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.timings_s[name] = self.timings_s.get(name, 0.0) + time.monotonic() - begun

    def spent_s(self) -> float:
        """Seconds of the whole run so far."""
        return self.spent_before_s + time.monotonic() - self.started

    def left_s(self, config: Config) -> float | None:
        """Seconds to go, None where steps are counted instead or nothing limits the run."""
        if config.train.steps is not None or config.time_s is None:
            return None
        return config.time_s - self.spent_s()


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
    run = RunFolder(Path(out))
    config = _open_run(run, config or load_config(), resume)
    budget = config.memory_bytes or default_budget_bytes()
    _refuse_tiny(budget)
    with MemoryWatch() as memory:
        sitting = Sitting(started or time.monotonic(), memory, budget, _spent_before_s(run))
        with sitting.phase("check"):
            dataset, labels = _checked(data, run, config, progress)
        from delineate.train.device import choose_device
        from delineate.train.speed import StepTimer

        timer = StepTimer(choose_device(config.device), _precision(run, config), config.train.loss)
        with sitting.phase("plan"):
            plan = _planned(dataset, labels, run, config, sitting, timer, progress)
        with sitting.phase("prepare"):
            store = _prepared(dataset, labels, plan, run, config, sitting, progress)
        job = TrainJob(run, config, dataset, plan, store, timer, sitting, watch)
        outcomes = [job.train_fold(fold, resume) for fold in _asked_folds(run, config)]
        return _finish(job, outcomes)


def _open_run(run: RunFolder, config: Config, resume: bool) -> Config:
    """The configuration is written before any work; a resumed run goes on with the one it was begun with."""
    if resume and run.config.exists():
        return load_config(run.config)
    run.begin()
    config.save(run.config)
    return config


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
    result = check_dataset(dataset, workers=_threads(), progress=lambda n, m: progress("check", n, m))
    result.save(run.check)
    labels = result.require()
    dataset.save(run.data)
    if not run.fingerprint.exists():
        finger = fingerprint_dataset(
            dataset, labels, workers=_threads(), progress=lambda n, m: progress("fingerprint", n, m),
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
    from delineate.plan.plan import Plan
    from delineate.plan.planner import Budget, make_plan

    if run.plan.exists():
        return Plan.load(run.plan)
    progress("plan", 0, 1)
    left = None if config.time_s is None else config.time_s - sitting.spent_s()
    if left is not None:
        left -= 2 * sitting.timings_s["check"]  # preparing reads every voxel once more and writes it
        left = max(left * (1 - config.train.validate_share - _REPORT_SHARE), 1.0) / len(config.fold)
    finger = Fingerprint.load(run.fingerprint)
    budget = Budget(sitting.budget_bytes, left, timer if left is not None else None)
    plan = make_plan(finger, labels, config.plan, budget)
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


def _asked_folds(run: RunFolder, config: Config) -> tuple[int, ...]:
    from delineate.dataset.split import Splits

    there = len(Splits.load(run.splits).folds)
    wrong = [f for f in config.fold if not 0 <= f < there]
    if wrong:
        raise UsageError(
            f"there is no fold {', '.join(map(str, wrong))}",
            f"0 to {there - 1}",
            "choose a fold that exists with --fold",
        )
    return config.fold


@dataclass
class TrainJob:
    """Everything the folds of a run share."""

    run: RunFolder
    config: Config
    dataset: Dataset
    plan: Plan
    store: Store
    timer: StepTimer
    sitting: Sitting
    watch: Watch | None
    applied: Counter[str] = field(default_factory=Counter)
    patches: int = 0
    validators: dict[int, Validator] = field(default_factory=dict)

    def train_fold(self, fold: int, resume: bool) -> Outcome:
        """Fit one fold and write its scores."""
        from delineate.train.fit import fit
        from delineate.train.state import seed_everything
        from delineate.train.watch import CsvWatch, TensorBoardWatch, Watches

        folder = self.run.fold(fold)
        folder.mkdir(parents=True, exist_ok=True)
        going_on = resume and (folder / "last.json").exists()
        seed_everything(self.config.seed + fold)
        step = _last_step(folder) if going_on else 0
        csv, board = CsvWatch(folder / "metrics.csv", step), TensorBoardWatch(folder / "tensorboard", step)
        watches = Watches(csv, board, *([self.watch] if self.watch else []))
        try:
            with self.sitting.phase("train"):
                outcome = fit(self._fit(fold, folder, watches), resume=going_on)
        finally:
            csv.close()
            board.close()
        self._save_scores(folder, fold)
        return outcome

    def _fit(self, fold: int, folder: Path, watch: Watch) -> Any:
        from delineate.losses.loss import build_loss
        from delineate.nets.net import build_net
        from delineate.predict.model import make_card
        from delineate.train.clock import Deadline
        from delineate.train.device import choose_device, make_fabric
        from delineate.train.fit import Fit
        from delineate.train.schedule import Length

        plan, stage, config = self.plan, self.plan.stages[-1], self.config
        seconds = self._seconds(fold)
        step_s = self.timer(plan)
        steps = config.train.steps or max(20, int((seconds or 3600.0) * (1 - config.train.validate_share) / step_s))
        precision = self.timer.precision
        fabric = make_fabric(choose_device(config.device), precision)
        fabric.launch()
        return Fit(
            fabric=fabric,
            net=build_net(stage.net.name, plan.dims, len(plan.channels), plan.labels.channels, stage.net.options),
            loss=build_loss(plan.labels, config.train.loss).to(fabric.device),
            batches=_Source(self, fold),
            validate=self._validator(fold, precision),
            config=config.train,
            folder=folder,
            card=make_card(plan, stage, fold, precision, config.seed, delineate.__version__),
            length=Length.of(steps),
            watch=watch,
            memory=self.sitting.memory,
            deadline=None if seconds is None else Deadline.after(seconds),
            spent_s=self.sitting.spent_s(),
        )

    def _seconds(self, fold: int) -> float | None:
        """What this fold may use: an equal share of what is left."""
        left = self.sitting.left_s(self.config)
        if left is None:
            return None
        folds = self.config.fold[self.config.fold.index(fold) :]
        assert self.config.time_s is not None
        return max(left - _REPORT_SHARE * self.config.time_s, 1.0) / len(folds)

    def split(self, fold: int) -> Split:
        """Who trains and who validates."""
        from delineate.dataset.split import Splits

        return Splits.load(self.run.splits).folds[fold]

    def _validator(self, fold: int, precision: str) -> Validator:
        import numpy as np

        from delineate.predict.validate import Validator

        names = list(self.split(fold).validation)
        np.random.default_rng(self.config.seed).shuffle(names)
        validator = Validator(
            self.store, names, self.plan, self.plan.stages[-1], _truth_reader(self.dataset, self.plan.labels),
            str(self.timer.device), precision, self.config.predict.overlap,
        )  # fmt: skip
        self.validators[fold] = validator
        return validator

    def _save_scores(self, folder: Path, fold: int) -> None:
        from delineate.evaluate.table import summarise

        scores = self.validators[fold].scores
        if scores:
            table = summarise(scores)
            table.save_json(folder / "scores.json")
            table.save_csv(folder / "scores.csv")


class _Source:
    """Batches of a fold on the device, varied; counts what was applied."""

    def __init__(self, job: TrainJob, fold: int) -> None:
        from delineate.patches.augmentation import AugmentSettings
        from delineate.patches.draw import box_of
        from delineate.patches.loader import Loader
        from delineate.patches.sampler import SAMPLERS

        plan, stage, knobs = job.plan, job.plan.stages[-1], job.config.patches
        seed = job.config.seed + fold
        sampler = SAMPLERS[knobs.sampler](job.store, job.split(fold).train, box_of(stage.patch), knobs, seed)
        settings = AugmentSettings.from_plan(knobs, plan, stage) if knobs.augment else None
        workers = 1 if knobs.workers is None else knobs.workers
        self._loader = Loader(job.store, sampler, stage.patch, stage.batch, workers, settings, seed)
        self._job, self._device = job, job.timer.device

    def batches(self, first_step: int) -> Iterator[Any]:
        """From ``first_step`` on, without end."""
        from delineate.patches.augmentation import augment, count_applied

        for batch in self._loader.batches(first_step):
            self._job.applied.update(count_applied(batch.decisions))
            self._job.patches += len(batch.draws)
            yield augment(batch.to(self._device))


def _truth_reader(dataset: Dataset, labels: Labels) -> Callable[[str], Any]:
    from delineate.formats import read_label

    paths = {c.name: c.label for c in dataset.labelled}

    def read(name: str) -> Any:
        path = paths[name]
        assert path is not None
        return labels.encode(read_label(path).array_czyx[0])

    return read


def _last_step(folder: Path) -> int:
    from delineate.train.state import load_newest_card

    return int(load_newest_card(folder / "last")["state"]["step"])


# After training -------------------------------------------------------------------------------------------------------


def _finish(job: TrainJob, outcomes: list[Outcome]) -> TrainResult:
    """Pictures, summary and report."""
    complete = all(o.complete for o in outcomes)
    with job.sitting.phase("report"):
        if complete:
            _keep_pictures(job)
    summary = _summarise(job, outcomes, complete)
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


def _summarise(job: TrainJob, outcomes: list[Outcome], complete: bool) -> Any:
    from delineate.dataset.split import Splits
    from delineate.show.summary import RunSummary

    scores = [o.state.best_score for o in outcomes if o.state.best_score is not None]
    note = Splits.load(job.run.splits).note
    validated = sum(len({s.case for s in v.scores}) for v in job.validators.values())
    there = sum(len(v.names) for v in job.validators.values())
    notes = [*job.dataset.notes, *([note] if note else [])]
    if validated < there:
        notes.append(f"validated on {validated} of {there} cases: what the time allowed")
    timings = dict(job.sitting.timings_s)
    for outcome in outcomes:
        for name, seconds in outcome.seconds.items():
            timings[f"train: {name}"] = timings.get(f"train: {name}", 0.0) + seconds
    return RunSummary(
        complete=complete,
        validation_dice=sum(scores) / len(scores) if scores else None,
        steps=sum(o.state.step for o in outcomes),
        timings_s=timings,
        expected_bytes=job.plan.memory_bytes,
        peak_bytes=job.sitting.memory.peak_bytes,
        budget_bytes=job.sitting.budget_bytes,
        device=str(job.timer.device),
        precision=job.timer.precision,
        patches=job.patches,
        applied=dict(job.applied),
        versions=versions(),
        notes=tuple(notes),
    )


def _keep_pictures(job: TrainJob) -> None:
    """The best, the median and the worst case of each fold, and a mosaic of varied patches."""
    from delineate.predict.model import load_model
    from delineate.show.summary import save_pictures

    for fold, validator in job.validators.items():
        model = load_model(job.run.root, (fold,), str(job.timer.device), job.config.predict.overlap)
        pictures = [_picture(job, validator, model, *chosen) for chosen in _telling_cases(validator)]
        save_pictures(job.run.fold(fold) / "pictures.npz", pictures, _mosaic(job, fold))


def _telling_cases(validator: Validator) -> list[tuple[str, str, float]]:
    from delineate.evaluate.table import summarise

    if not validator.scores:
        return []
    ranked = sorted(
        (c.metrics["dice"], c.case) for c in summarise(validator.scores).cases if c.metrics["dice"] is not None
    )
    if not ranked:
        return []
    places = {"best": len(ranked) - 1, "median": len(ranked) // 2, "worst": 0}
    chosen = {place: title for title, place in reversed(places.items())}
    return [
        (ranked[place][1], title, float(ranked[place][0] or 0)) for place, title in sorted(chosen.items(), reverse=True)
    ]


def _picture(job: TrainJob, validator: Validator, model: Model, name: str, title: str, dice: float) -> CasePicture:
    """A case in its canonical orientation, so that planes look as a radiologist is used to."""
    import numpy as np

    from delineate.dataset.read import read_case
    from delineate.show.facts import CasePicture

    case = next(c for c in job.dataset.cases if c.name == name)
    volume, truth = read_case(case, job.plan.labels)
    assert truth is not None
    axes, flips = volume.geometry.closest_axes()
    flipped = tuple(a for a, f in enumerate(flips) if f)

    def turn(array: Any) -> Any:
        return np.ascontiguousarray(np.flip(array.transpose(axes), flipped))

    channels = [turn(c) for c in volume.array_czyx]
    rgb = len(channels) == 3 and job.plan.normalisers[0].name == "scale"
    image = np.stack(channels, -1) if rgb else channels[0]
    spacing = volume.geometry.transposed(axes).spacing_mm
    ids = validator.predict(model, name)
    note = f"Dice {dice:.3f}"
    return CasePicture(name, title, image.astype(np.float32), turn(truth.array_czyx[0]), turn(ids), spacing, note)


def _mosaic(job: TrainJob, fold: int, most: int = 12) -> Mosaic:
    """The middle slice of the first patches of a fold, as the network was shown them."""
    import numpy as np

    from delineate.show.facts import Mosaic

    images: list[Any] = []
    labels: list[Any] = []
    counted, patches = Counter(job.applied), job.patches
    stream = _Source(job, fold).batches(0)
    while len(images) < most:
        batch = next(stream)
        for image, label in zip(batch.image_bcx.cpu().numpy(), batch.label_bx.cpu().numpy(), strict=True):
            middle = label.shape[0] // 2
            images.append(image[0, middle] if label.ndim == 3 else image[0])
            labels.append(label[middle] if label.ndim == 3 else label)
    stream.close()
    job.applied, job.patches = counted, patches
    return Mosaic(np.stack(images[:most]), np.stack(labels[:most]))


def report(run: Path) -> Path:
    """Draw the page of a run from what it left on disk; returns its path."""
    from delineate.dataset.check import CheckResult
    from delineate.dataset.split import Splits
    from delineate.evaluate.table import ScoreTable, summarise
    from delineate.plan.plan import Plan
    from delineate.show.facts import AugmentationCount, MemoryFact, RunFacts
    from delineate.show.report import write_report
    from delineate.show.summary import RunSummary, load_pictures

    folder = RunFolder(Path(run))
    folder.need()
    summary = RunSummary.load(folder.summary)
    tables = [folder.fold(f) / "scores.json" for f in folder.folds]
    rows = [row for path in tables if path.exists() for row in ScoreTable.load(path).rows]
    kept = [load_pictures(folder.fold(f) / "pictures.npz") for f in folder.folds]
    facts = RunFacts(
        title=folder.root.resolve().name,
        labels=Plan.load(folder.plan).labels,
        fingerprint=folder.fingerprint,
        plan=folder.plan,
        metrics={f"fold {f}": folder.fold(f) / "metrics.csv" for f in folder.folds},
        problems=CheckResult.load(folder.check).problems,
        folds=Splits.load(folder.splits).folds,
        scores=summarise(rows) if rows else None,
        cases=[picture for pictures, _ in kept for picture in pictures],
        mosaic=next((m for _, m in kept if m is not None), None),
        augmentations=[AugmentationCount(n, k, summary.patches) for n, k in summary.applied.items()],
        timings_s={k: v for k, v in summary.timings_s.items() if ":" not in k},
        memory=MemoryFact(summary.expected_bytes, summary.peak_bytes, summary.budget_bytes),
        versions=summary.versions,
        notes=summary.notes,
    )
    return write_report(facts, folder.report)


# Predict and evaluate -------------------------------------------------------------------------------------------------


def predict(
    run: Path,
    scans: Path,
    out: Path,
    *,
    device: str = "auto",
    mirror: bool = False,
    folds: tuple[int, ...] | None = None,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Write a mask for every scan, on the scan's own grid; returns the masks' paths.

    ``scans`` is a file, a folder or a list file. ``out`` is a file for a single scan, else a folder; a mask that is
    already there is not written over.

    Raises:
        UsageError: a mask is already there, or the scans' channels are not those of the training.
    """
    from delineate.dataset.scans import find_scans
    from delineate.dataset.read import read_case
    from delineate.formats import write_volume
    from delineate.predict.model import load_model, predict_volume
    from delineate.train.device import choose_device

    config = load_config(_config_of(Path(run)))
    model = load_model(
        Path(run), folds, str(choose_device(device)), config.predict.overlap, mirror or config.predict.mirror
    )
    cases = find_scans(Path(scans), model.plan.channels)
    targets = _targets(cases, Path(out))
    for number, (case, target) in enumerate(zip(cases, targets, strict=True), 1):
        volume, _ = read_case(case, None)
        ids = predict_volume(model, volume)
        write_volume(target, volume.with_array(model.plan.labels.decode(ids)[None]))
        progress("predict", number, len(cases))
    return targets


def _config_of(run: Path) -> Path | None:
    path = RunFolder(run).config
    return path if path.exists() else None


def _targets(cases: tuple[Case, ...], out: Path) -> tuple[Path, ...]:
    from delineate.formats import is_scan

    if len(cases) == 1 and is_scan(out):
        targets: tuple[Path, ...] = (out,)
    else:
        targets = tuple(out / f"{c.name}{_mask_suffix(c.images[0])}" for c in cases)
    taken = [str(t) for t in targets if t.exists()]
    if taken:
        raise UsageError(
            f"{len(taken)} masks are already there: {', '.join(taken[:5])}",
            "an output that would write over nothing",
            "choose another folder with -o, or remove them",
        )
    return targets


def _mask_suffix(image: Path) -> str:
    """The mask's format is the scan's, except where that cannot hold a mask without loss."""
    from delineate.formats import format_of, strip_suffix

    form = format_of(image)
    return ".png" if form.lossy or not form.writes else image.name[len(strip_suffix(image)) :]


def evaluate(
    prediction: Path, truth: Path, out: Path | None = None, run: Path | None = None, progress: Progress = silent
) -> ScoreTable:
    """Score masks against the truth, file by file or folder by folder; with ``out``, write CSV and JSON there.

    ``run`` names the classes as that run did; without it every value is a class.
    """
    from delineate.evaluate.files import evaluate_files
    from delineate.plan.plan import Plan

    labels = None if run is None else Plan.load(RunFolder(Path(run)).plan).labels
    table = evaluate_files(Path(prediction), Path(truth), labels, progress=lambda n, m: progress("evaluate", n, m))
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
        table.save_json(Path(out) / "scores.json")
        table.save_csv(Path(out) / "scores.csv")
        table.save_summary_csv(Path(out) / "classes.csv")
    return table


# The machine ----------------------------------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """Versions of what numbers depend on, without importing any of it."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"delineate": delineate.__version__, "python": platform.python_version()}
    for name in ("torch", "numpy", "scipy", "nibabel", "SimpleITK", "blosc2", "lightning-fabric"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _threads() -> int:
    return max(1, min(8, os.cpu_count() or 1))


def env() -> tuple[Any, dict[str, str]]:
    """This machine as training sees it, and the versions of what numbers depend on."""
    from delineate.train.machine import look

    return look(), versions()


def plugins(room: str) -> dict[str, str]:
    """The names a registry holds, each with the first line of what it says of itself.

    Raises:
        UnknownNameError: no such registry.
    """
    from delineate.core.errors import UnknownNameError

    if room not in _REGISTRIES:
        raise UnknownNameError(f"no registry is named {room!r}", "one of " + ", ".join(_REGISTRIES))
    import importlib

    module, name = _REGISTRIES[room]
    registry = getattr(importlib.import_module(module), name)
    return {n: _first_line(registry[n]) for n in registry.names()}


_REGISTRIES = {
    "nets": ("delineate.nets.net", "NETS"),
    "losses": ("delineate.losses.loss", "LOSSES"),
    "samplers": ("delineate.patches.sampler", "SAMPLERS"),
    "augmentations": ("delineate.patches.augmentation", "AUGMENTATIONS"),
    "metrics": ("delineate.evaluate.metric", "METRICS"),
    "formats": ("delineate.formats", "FORMATS"),
    "layouts": ("delineate.dataset.layouts", "LAYOUTS"),
    "checks": ("delineate.dataset.checks", "CHECKS"),
    "normalisers": ("delineate.store.normalise", "NORMALISERS"),
    "planners": ("delineate.plan.planner", "PLANNERS"),
}


def _first_line(entry: Any) -> str:
    card = getattr(entry, "card", None)
    if card is not None:
        return f"{card.title} ({card.paper})"
    return next(iter((getattr(entry, "__doc__", None) or "").strip().splitlines()), "")


# Demo -----------------------------------------------------------------------------------------------------------------


def phantom(kind: str, out: Path, cases: int = 12, seed: int = 0) -> Path:
    """Write synthetic scans with exact masks into a new folder."""
    from delineate.phantom import make_phantom

    return make_phantom(kind, Path(out), cases=cases, seed=seed)


@dataclass(frozen=True)
class DemoResult:
    """One demonstration: the kind of phantom, the mean Dice on unseen ones, where to look."""

    kind: str
    dice: float
    cases: int
    masks: Path
    report: Path


def demo(out: Path, progress: Progress = silent, watch: Watch | None = None) -> tuple[DemoResult, ...]:
    """Train on phantoms in 3D and in 2D, predict unseen ones and measure; about four minutes on two cores.

    Raises:
        RunExistsError: ``out`` is not empty.
    """
    from delineate.core.errors import RunExistsError

    out = Path(out)
    if out.exists() and any(out.iterdir()):
        raise RunExistsError(f"{out} is not empty", "a new folder", "choose another with -o; nothing was changed")
    return tuple(_demonstrate(out, kind, seconds, progress, watch) for kind, seconds in _DEMOS)


_DEMOS = (("abdomen", "120s"), ("photo", "70s"))


def _demonstrate(out: Path, kind: str, seconds: str, progress: Progress, watch: Watch | None) -> DemoResult:
    from delineate.dataset.find import find_cases
    from delineate.phantom import make_phantom

    data = make_phantom(kind, out / f"{kind}-data", cases=12, seed=1)
    unseen = make_phantom(kind, out / f"{kind}-unseen", cases=4, seed=2)
    run = out / f"{kind}-run"
    result = train(data, run, load_config(time=seconds), progress=progress, watch=watch)
    cases = find_cases(unseen).labelled
    images = out / f"{kind}-masks"
    listing = out / f"{kind}-unseen.txt"
    listing.write_text("".join(f"{c.images[0].resolve()}\n" for c in cases), encoding="utf-8")
    predict(run, listing, images, progress=progress)
    table = _scored(cases, images, run)
    dice = table.foreground["dice"]
    assert result.report is not None
    return DemoResult(kind, float(dice or 0.0), len(cases), images, result.report)


def _scored(cases: tuple[Case, ...], masks: Path, run: Path) -> ScoreTable:
    from delineate.evaluate.files import score_files
    from delineate.evaluate.table import summarise
    from delineate.formats import strip_suffix
    from delineate.plan.plan import Plan

    labels = Plan.load(RunFolder(run).plan).labels
    found = {strip_suffix(p): p for p in masks.iterdir()}
    return summarise(
        row for c in cases if c.label is not None for row in score_files(found[c.name], c.label, labels, c.name)
    )
