"""`Fingerprint`: what the planner needs to know of a data set (Isensee et al., nnU-Net, Nature Methods 2021)."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from delineate.core.errors import FormatError
from delineate.core.geometry import Triple, Triple_mm
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.case import Dataset
from delineate.dataset.facts import CaseFacts, LabelFacts
from delineate.dataset.landmarks import mean_landmarks
from delineate.dataset.measure import measure_cases


class CaseFingerprint(Record):
    """One case in its canonical orientation (z up, y back, x left), cropped to the body.

    ``class_voxels[k]`` counts class k of the labels; ``content`` is a hash of the files' bytes.
    """

    name: str
    shape: Triple
    spacing_mm: Triple_mm
    crop_start: Triple
    crop_shape: Triple
    class_voxels: tuple[int, ...]
    content: str


class ChannelFingerprint(Record):
    """Intensities of one channel: statistics over the foreground voxels of all cases (a sample of each), and the
    share of voxels that are exactly zero (a skull-stripped MR has many). ``landmarks`` is the standard scale of the
    bodies' histograms (`dataset.landmarks`); empty where nothing could be learned."""

    name: str
    kind: str  # "ct", "picture" or "other"
    mean: float
    std: float
    median: float
    percentile_00_5: float
    percentile_99_5: float
    minimum: float
    maximum: float
    zero_fraction: float
    landmarks: tuple[float, ...] = ()


class Fingerprint(Record):
    """A data set in numbers."""

    cases: tuple[CaseFingerprint, ...]
    channels: tuple[ChannelFingerprint, ...]
    class_names: tuple[str, ...]


CT_WORDS = {"ct", "cbct", "ncct", "cect", "cta", "hu", "computed"}
HU_AIR = (-3100.0, -500.0)
"""Where the minimum of a CT lies: air is -1000, outside the scanner's circle some write less."""


def fingerprint_dataset(
    data: Dataset,
    labels: Labels,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    facts: tuple[CaseFacts, ...] = (),
) -> Fingerprint:
    """Describe the labelled cases of a data set that passed its check.

    ``facts`` is what the check measured (`CheckResult.facts`); without it every file is read once more.

    Raises:
        FormatError: an image or a mask cannot be read.
    """
    facts = facts or measure_cases(data.model_copy(update={"labels": labels}), workers, progress)
    known = {f.name: f for f in facts}
    cases = data.labelled or data.cases
    chosen = [known[c.name] for c in cases if c.name in known]
    for fact in chosen:
        if fact.troubles:
            told = fact.troubles[0]
            raise FormatError(told.what, told.expected, told.fix)
    return Fingerprint(
        cases=tuple(_case(f, labels) for f in chosen),
        channels=tuple(_channel(n, name, chosen) for n, name in enumerate(data.channels)),
        class_names=labels.names,
    )


def _case(fact: CaseFacts, labels: Labels) -> CaseFingerprint:
    grid = fact.head.images[0].geometry
    canonical = grid.transposed(grid.closest_axes()[0])
    start, shape = fact.box
    return CaseFingerprint(
        name=fact.name,
        shape=canonical.shape,
        spacing_mm=canonical.spacing_mm,
        crop_start=start,
        crop_shape=shape,
        class_voxels=tuple(_voxels(fact.label, labels, c.ids) for c in labels.classes),
        content=fact.content,
    )


def _voxels(found: LabelFacts | None, labels: Labels, ids: tuple[int, ...]) -> int:
    if found is None:
        return 0
    if labels.instances:
        return found.foreground - (found.count(labels.ignore_value) if labels.ignore_value else 0)
    return sum(found.count(labels.file_values[i]) for i in ids)


def _channel(number: int, name: str, facts: list[CaseFacts]) -> ChannelFingerprint:
    parts = [f.sample_cn[number] for f in facts if number < len(f.sample_cn)]
    sample = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    sample = sample[np.isfinite(sample)].astype(np.float64)
    if not sample.size:
        sample = np.zeros(1)
    zeros = [f.channels[number].zero_fraction for f in facts if number < len(f.channels)]
    low, middle, high = (float(p) for p in np.percentile(sample, (0.5, 50, 99.5)))
    return ChannelFingerprint(
        name=name,
        kind=_kind(number, name, facts),
        mean=float(sample.mean()),
        std=float(sample.std()),
        median=middle,
        percentile_00_5=low,
        percentile_99_5=high,
        minimum=float(sample.min()),
        maximum=float(sample.max()),
        zero_fraction=float(np.mean(zeros)) if zeros else 0.0,
        landmarks=mean_landmarks(f.channels[number].landmarks for f in facts if number < len(f.channels)),
    )


def _kind(number: int, name: str, facts: list[CaseFacts]) -> str:
    """ "ct" by its name, or by air around -1000 in most cases of a channel nobody named; "picture" by the format."""
    if facts and all(i.kind == "picture" for f in facts for i in f.head.images):
        return "picture"
    if CT_WORDS & set(re.split(r"[^a-z]+", name.lower())):
        return "ct"
    channels = [f.channels[number] for f in facts if number < len(f.channels)]
    airy = [c for c in channels if HU_AIR[0] <= c.minimum <= HU_AIR[1] and c.whole_numbers]
    unnamed = re.fullmatch(r"(image|channel|img|scan|volume|source)?[_ ]?\d*", name.lower()) is not None
    return "ct" if unnamed and channels and len(airy) * 2 >= len(channels) else "other"
