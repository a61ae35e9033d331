"""`Plan`: what the machine decided, readable and editable as JSON."""

from __future__ import annotations

from typing import Any

from delineate.core.geometry import Triple, Triple_mm
from delineate.core.labels import Labels
from delineate.core.record import Record


class Reason(Record):
    """A decision, its value and why."""

    decision: str
    value: str
    why: str


class Normaliser(Record):
    """A scheme of `store.normalise` by name, with its numbers."""

    name: str
    numbers: dict[str, float] = {}


class NetPlan(Record):
    """A network of the registry by name, with the options its builder takes."""

    name: str
    options: dict[str, Any] = {}


class Stage(Record):
    """One network of the plan: at which spacing it looks, at how much at a time, and what it is.

    ``spacing_mm`` and ``patch`` are in the prepared array's order (see `Plan.axes`); ``patch`` has ``Plan.dims``
    numbers. ``prior`` names the stage whose prediction is an extra input.
    """

    name: str
    spacing_mm: Triple_mm
    patch: tuple[int, ...]
    batch: int
    net: NetPlan
    prior: str | None = None


class Plan(Record):
    """Everything preparation, training and prediction must agree on.

    ``axes`` permutes a canonical array (z up, y back, x left) into the prepared one: the coarsest axis first, along
    which 2D networks slice. ``mirror_axes`` are the spatial axes of a patch (0 is the first) that may be mirrored;
    ``mirror_swaps`` are the ids (channels of the network, too) that change places when left and right do.
    With ``slices`` above 1 a 2D network sees so many neighbouring slices as channels and answers for the centre one
    (2.5D); ``planes`` are the prepared axes along which it slices. ``networks`` folds are trained, and answer
    together, unless a person names folds. ``crop_margin_mm`` is kept around a mask's box; ``n4`` names the channels
    whose bias field is corrected.
    """

    dims: int
    axes: Triple
    channels: tuple[str, ...]
    labels: Labels
    normalisers: tuple[Normaliser, ...]
    stages: tuple[Stage, ...]
    mirror_axes: tuple[int, ...]
    anisotropic: bool
    crop: str  # "none", "nonzero" or a mask of store.masks ("body", "lung")
    memory_bytes: int
    networks: int = 1
    mirror_swaps: tuple[tuple[int, int], ...] = ()
    slices: int = 1
    planes: tuple[int, ...] = (0,)
    crop_margin_mm: float = 0.0
    n4: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def inputs(self) -> int:
        """Channels the network sees: neighbouring slices count."""
        return len(self.channels) * self.slices

    @property
    def side_axis(self) -> int | None:
        """The spatial axis of a patch (0 is the first) that runs from left to right; None where slices lie across."""
        axis = self.axes.index(2) - (3 - self.dims)
        return axis if axis >= 0 else None
