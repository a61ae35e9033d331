"""The verb `report`, and what a run keeps for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

from delineate.core.errors import RunError
from delineate.core.run import RunFolder
from delineate.steps.fold import TrainJob
from delineate.steps.gathering import gather_findings
from delineate.steps.machine import versions
from delineate.steps.patchsource import PatchSource

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.evaluate.table import ScoreTable
    from delineate.predict.validate import Validator
    from delineate.show.facts import CasePicture, Mosaic, RunFacts
    from delineate.show.summary import RunSummary
    from delineate.train.fit import Outcome

Kept = TypeVar("Kept")

_LARGE = 1 << 23
_MOST_VOXELS = 256
"""Along an axis of a picture kept of a large scan: every second voxel or fewer, since several are held at once."""


def summarise_run(job: TrainJob, outcomes: list[Outcome], scores: ScoreTable | None) -> RunSummary:
    """How the run went; ``scores`` are of its validation cases, None while it is not complete."""
    from delineate.patches.tally import Tally
    from delineate.show.facts import DrawCount
    from delineate.show.summary import RunSummary

    total = Tally.sum(job.tallies.values())
    return RunSummary(
        complete=all(o.complete for o in outcomes),
        validation_dice=validation_dice(scores, outcomes),
        steps=sum(o.state.step for o in outcomes),
        timings_s=_timings_s(job, outcomes),
        expected_bytes=job.plan.memory_bytes,
        peak_bytes=job.sitting.memory.peak_bytes,
        budget_bytes=job.sitting.budget_bytes,
        device=str(job.timer.device),
        precision=job.timer.precision,
        patches=job.patches,
        applied=dict(job.applied),
        versions=versions(),
        notes=_notes(job),
        draws=tuple(DrawCount(d.aim, d.drawn, d.asked) for d in total.shares(job.plan.labels)),
    )


def validation_dice(scores: ScoreTable | None, outcomes: Sequence[Outcome]) -> float | None:
    """Of a complete run what its report says: of all cases of the last validation. While a training runs, validations
    are compared over those cases that the first had time for."""
    if scores is not None and (dice := scores.foreground.get("dice")) is not None:
        return dice
    best = [o.state.best_score for o in outcomes if o.state.best_score is not None]
    return sum(best) / len(best) if best else None


def _notes(job: TrainJob) -> tuple[str, ...]:
    """What was told of the data and of the training, and what the time did not allow."""
    from delineate.dataset.split import Splits

    note = Splits.load(job.run.splits).note
    notes = (*job.dataset.notes, *job.notes, *([note] if note else []))
    validated = sum(len({s.case for s in v.scores}) for v in job.validators.values())
    there = sum(len(v.names) for v in job.validators.values())
    if validated >= there:
        return notes
    return (*notes, f"validated on {validated} of {there} cases: what the time allowed")


def _timings_s(job: TrainJob, outcomes: list[Outcome]) -> dict[str, float]:
    """Of every phase, and of the parts of training over all folds."""
    timings = dict(job.sitting.timings_s)
    for outcome in outcomes:
        for name, seconds in outcome.seconds.items():
            timings[f"train: {name}"] = timings.get(f"train: {name}", 0.0) + seconds
    return timings


def keep_pictures(job: TrainJob) -> None:
    """The best, the median and the worst case of each fold, and a mosaic of varied patches; what its masks tell."""
    from delineate.show.summary import save_pictures

    for fold, validator in job.validators.items():
        pictures = [_picture(job, validator, *chosen) for chosen in _telling_cases(validator)]
        save_pictures(job.run.fold(fold) / "pictures.npz", pictures, _mosaic(job, fold))
    for fold in job.validators:
        gather_findings(job, fold)


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


def _picture(job: TrainJob, validator: Validator, name: str, title: str, dice: float) -> CasePicture:
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
    ids = validator.mask(name)
    note = f"Dice {dice:.3f}"
    steps = tuple(-(-n // _MOST_VOXELS) if image.size > _LARGE else 1 for n in image.shape[:3])
    z, y, x = (s * n for s, n in zip(spacing, steps, strict=True))
    thin = tuple(slice(None, None, n) for n in steps)
    image, true, found = (np.ascontiguousarray(a[thin]) for a in (image, turn(truth.array_czyx[0]), turn(ids)))
    return CasePicture(name, title, image, true, found, (z, y, x), note)


def _mosaic(job: TrainJob, fold: int, most: int = 12) -> Mosaic:
    """The middle slice of the first patches of a fold, as the network was shown them."""
    import numpy as np

    from delineate.show.facts import Mosaic

    images: list[Any] = []
    labels: list[Any] = []
    counted, patches = Counter(job.applied), job.patches
    stream = PatchSource(job, fold).batches(0)
    while len(images) < most:
        batch = next(stream)
        for image, label in zip(batch.image_bcx.cpu().numpy(), batch.label_bx.cpu().numpy(), strict=True):
            middle = label.shape[0] // 2
            images.append(image[0, middle] if label.ndim == 3 else image[job.plan.slices // 2])
            labels.append(label[middle] if label.ndim == 3 else label)
    del stream
    job.applied, job.patches = counted, patches
    return Mosaic(np.stack(images[:most]), np.stack(labels[:most]))


def validation_tables(folder: RunFolder) -> dict[str, ScoreTable]:
    """The scores of each fold's validation cases, by the fold's title."""
    from delineate.evaluate.table import ScoreTable

    return _of_folds(folder, "scores.json", ScoreTable.load)


def pooled(tables: Mapping[str, ScoreTable]) -> ScoreTable | None:
    """All folds as one table; None of nothing."""
    from delineate.evaluate.table import summarise

    rows = [row for table in tables.values() for row in table.rows]
    return summarise(rows) if rows else None


def report(run: Path) -> Path:
    """Draw the page of a run from what it left on disk; returns its path.

    Raises:
        RunError: there is no run in the folder, or it was cut off before it could say how it went.
    """
    from delineate.show.report import write_report

    folder = RunFolder(Path(run))
    folder.need()
    if not folder.summary.exists():
        raise RunError(
            f"the run in {folder.root} was cut off before its end, so there is nothing to report yet",
            "a run that ended or was stopped with Ctrl-C",
            f"continue it: delineate train DATA -o {folder.root} --resume",
        )
    return write_report(_facts(folder), folder.report)


def _facts(folder: RunFolder) -> RunFacts:
    """All that the page of a run shows."""
    from delineate.dataset.check import CheckResult
    from delineate.dataset.split import Splits
    from delineate.evaluate.certainties import Certainties, join_certainties
    from delineate.evaluate.findings import Findings, join_findings
    from delineate.plan.plan import Plan
    from delineate.show.facts import AugmentationCount, MemoryFact, RunFacts
    from delineate.show.summary import RunSummary, load_pictures

    summary, tables = RunSummary.load(folder.summary), validation_tables(folder)
    kept = [load_pictures(folder.fold(f) / "pictures.npz") for f in folder.folds]
    return RunFacts(
        title=folder.root.resolve().name,
        labels=Plan.load(folder.plan).labels,
        fingerprint=folder.fingerprint,
        plan=folder.plan,
        metrics={f"fold {f}": folder.fold(f) / "metrics.csv" for f in folder.folds},
        problems=CheckResult.load(folder.check).problems,
        folds=Splits.load(folder.splits).folds,
        scores=pooled(tables),
        cases=[picture for pictures, _ in kept for picture in pictures],
        mosaic=next((m for _, m in kept if m is not None), None),
        draws=summary.draws,
        augmentations=[AugmentationCount(n, k, summary.patches) for n, k in summary.applied.items()],
        timings_s={k: v for k, v in summary.timings_s.items() if ":" not in k},
        memory=MemoryFact(summary.expected_bytes, summary.peak_bytes, summary.budget_bytes),
        versions=summary.versions,
        notes=summary.notes,
        fold_scores=tables,
        findings=join_findings(list(_of_folds(folder, "findings.json", Findings.load).values())),
        certainties=join_certainties(list(_of_folds(folder, "calibration.json", Certainties.load).values())),
        glimpses={f"fold {f}": folder.fold(f) / "glimpses" for f in folder.folds},
        run=quote(str(folder.root if folder.root.name else folder.root.resolve())),
    )


def _of_folds(folder: RunFolder, name: str, load: Callable[[Path], Kept]) -> dict[str, Kept]:
    """The file ``name`` of each fold that left one, by the fold's title."""
    files = {f"fold {f}": folder.fold(f) / name for f in folder.folds}
    return {title: load(path) for title, path in files.items() if path.exists()}
