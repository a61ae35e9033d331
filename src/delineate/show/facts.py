"""`RunFacts`: everything the report page is drawn from, gathered by whoever ran the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.dataset.check import Problem
from delineate.dataset.split import Split
from delineate.evaluate.certainties import Certainties
from delineate.evaluate.findings import Findings
from delineate.evaluate.table import ScoreTable


@dataclass(frozen=True, eq=False)
class CasePicture:
    """A scan with its true and predicted ids, all ``[z, y, x]`` on one grid; a picture has one slice.

    The image may also be ``[z, y, x, 3]`` (red, green, blue between 0 and 255). In the canonical orientation (z up,
    y back, x left) the planes appear as a radiologist is used to see them. ``note`` stands beside ``title``, which
    says why this case is shown ("worst", "median").
    """

    case: str
    title: str
    image_zyx: NDArray[Any]
    truth_zyx: NDArray[Any]
    prediction_zyx: NDArray[Any]
    spacing_mm: tuple[float, float, float]
    note: str = ""


@dataclass(frozen=True, eq=False)
class Mosaic:
    """Augmented patches, one slice of each: images and ids, both ``[n, h, w]``."""

    images: NDArray[Any]
    labels: NDArray[Any]


@dataclass(frozen=True)
class AugmentationCount:
    """How many patches an augmentation was applied to, of how many it could have been."""

    name: str
    applied: int
    patches: int


@dataclass(frozen=True)
class DrawCount:
    """What patches were drawn for, in words; how many were, and how many should have been."""

    aim: str
    drawn: int
    asked: float


@dataclass(frozen=True)
class MemoryFact:
    """Memory of all processes in bytes: what the plan expected, what was measured, what was allowed."""

    expected_bytes: float | None = None
    peak_bytes: float | None = None
    budget_bytes: float | None = None


@dataclass(frozen=True, eq=False)
class RunFacts:
    """What the page shows; a section whose facts are absent says so in a sentence.

    ``fingerprint`` and ``plan`` are the run's JSON files, ``metrics`` the CSV of each fold by its title (columns
    step, seconds, loss, lr, validation_dice, patches_per_s, memory_gib, phase; cells may be empty). ``problems`` is
    None where nothing was checked; ``scores`` are those of the validation cases. ``timings_s`` is in the order of
    the work. ``fold_scores`` are those of each fold by its title, for the notes on its curves; ``run`` is the folder,
    for the commands they advise. ``glimpses`` are the folders of each fold's pictures over time. ``findings`` and
    ``certainties`` are None where none were kept.
    """

    title: str
    labels: Labels
    fingerprint: Path | None = None
    plan: Path | None = None
    metrics: Mapping[str, Path] = field(default_factory=dict)
    problems: Sequence[Problem] | None = None
    folds: Sequence[Split] = ()
    scores: ScoreTable | None = None
    cases: Sequence[CasePicture] = ()
    mosaic: Mosaic | None = None
    augmentations: Sequence[AugmentationCount] = ()
    draws: Sequence[DrawCount] = ()
    timings_s: Mapping[str, float] = field(default_factory=dict)
    memory: MemoryFact | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    fold_scores: Mapping[str, ScoreTable] = field(default_factory=dict)
    findings: Findings | None = None
    certainties: Certainties | None = None
    run: str = "RUN"
    glimpses: Mapping[str, Path] = field(default_factory=dict)
