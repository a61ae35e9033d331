"""`Fingerprint`: what the planner needs to know of a data set (Isensee et al., nnU-Net, Nature Methods 2021)."""

from __future__ import annotations

from delineate.core.geometry import Triple, Triple_mm
from delineate.core.record import Record


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
    share of voxels that are exactly zero (a skull-stripped MR has many)."""

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


class Fingerprint(Record):
    """A data set in numbers."""

    cases: tuple[CaseFingerprint, ...]
    channels: tuple[ChannelFingerprint, ...]
    class_names: tuple[str, ...]
