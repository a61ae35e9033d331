"""`Plan`: what the machine decided, readable and editable as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from delineate.core.geometry import Edge, Triple, Wanted_mm
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.plan.variation import Strength

Number = Annotated[float, Field(ge=-3e38, le=3e38)]
"""What a float32 holds."""


class Reason(Record):
    """A decision, its value and why."""

    decision: str
    value: str
    why: str


class Normaliser(Record):
    """A scheme of `store.normalise` by name, with its numbers."""

    name: str
    numbers: dict[str, Number] = {}


class NetPlan(Record):
    """A network of the registry by name, with the options its builder takes."""

    name: str
    options: dict[str, Any] = {}


class Stage(Record):
    """One network of the plan: at which spacing it looks, at how much at a time, and what it is.

    ``spacing_mm`` and ``patch`` are in the prepared array's order (see `Plan.axes`); ``patch`` has ``Plan.dims``
    numbers. ``prior`` names the stage whose prediction is an extra input.
    """

    name: str = Field(pattern=r"^[\w-]+$")  # files are named after it
    spacing_mm: tuple[Wanted_mm, Wanted_mm, Wanted_mm]
    patch: tuple[Edge, ...]
    batch: int = Field(ge=1)
    net: NetPlan
    prior: str | None = None


class Plan(Record):
    """Everything preparation, training and prediction must agree on.

    ``axes`` permutes a canonical array (z up, y back, x left) into the prepared one: the coarsest axis first, along
    which 2D networks slice. ``mirror_axes`` are the spatial axes of a patch (0 is the first) that may be mirrored;
    ``mirror_swaps`` are the ids (channels of the network, too) that change places when left and right do.
    With ``slices`` above 1 a 2D network sees so many neighbouring slices as channels and answers for the centre one
    (2.5D); ``planes`` are the prepared axes along which it slices. ``networks`` folds are trained, and answer
    together, unless a person names folds. Patches are varied with ``strength``, unless a person names another.
    ``crop_margin_mm`` is kept around a mask's box; ``n4`` names the channels
    whose bias field is corrected.

    A person may edit it: what no network could be trained by is refused, every such place named (`ValidationError`).
    """

    dims: int = Field(ge=2, le=3)
    axes: Triple
    channels: tuple[str, ...] = Field(min_length=1)
    labels: Labels
    normalisers: tuple[Normaliser, ...]
    stages: tuple[Stage, ...] = Field(min_length=1)
    mirror_axes: tuple[int, ...]
    anisotropic: bool
    crop: str  # "none", "nonzero" or a mask of store.masks ("body", "lung")
    memory_bytes: int = Field(ge=1)
    networks: int = Field(1, ge=1)
    strength: Strength = "standard"
    mirror_swaps: tuple[tuple[int, int], ...] = ()
    slices: int = Field(1, ge=1)
    planes: tuple[int, ...] = (0,)
    crop_margin_mm: float = Field(0.0, ge=0, le=1e6)
    n4: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = [*self._wrong_axes(), *self._wrong_labels(), *self._wrong_channels(), *self._wrong_stages()]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _wrong_axes(self) -> Iterator[str]:
        if sorted(self.axes) != [0, 1, 2]:
            yield f"axes: {self.axes} are not 0, 1 and 2 in some order"
        if not _choice(self.mirror_axes, range(self.dims)):
            yield f"mirror_axes: {self.mirror_axes} are not different axes of a patch, 0 to {self.dims - 1}"
        if not self.planes or not _choice(self.planes, range(3)):
            yield f"planes: {self.planes} are not different axes, 0 to 2, one at least"
        if self.dims == 3 and (self.planes, self.slices) != ((0,), 1):
            yield f"slices: {self.slices} along the planes {self.planes} are for 2 dims, not for 3"
        if self.slices % 2 == 0:
            yield f"slices: {self.slices} is not odd, a centre and its neighbours"

    def _wrong_labels(self) -> Iterator[str]:
        if not self.labels.classes:
            yield "labels.classes: there is none"
        for number, one in enumerate(self.labels.classes):
            if not one.ids:
                yield f"labels.classes.{number}.ids: there is none"
        swapped = [i for pair in self.mirror_swaps for i in pair]
        known = range(1, 1 if self.labels.regions else len(self.labels.file_values))
        if not _choice(swapped, known):
            yield f"mirror_swaps: {self.mirror_swaps} are not pairs of different ids" + (
                f", 1 to {known[-1]}" if known else "; regions cannot change places"
            )

    def _wrong_channels(self) -> Iterator[str]:
        if len(self.normalisers) != len(self.channels):
            yield f"normalisers: {len(self.normalisers)} for {len(self.channels)} channels"
        if not set(self.n4) <= set(self.channels):
            yield f"n4: {', '.join(self.n4)} are not all among the channels {', '.join(self.channels)}"

    def _wrong_stages(self) -> Iterator[str]:
        names = [s.name for s in self.stages]
        if len(set(names)) != len(names):
            yield f"stages: two have one name among {', '.join(names)}"
        for number, stage in enumerate(self.stages):
            if len(stage.patch) != self.dims:
                yield f"stages.{number}.patch: {len(stage.patch)} numbers for {self.dims} dims"
            if stage.prior is not None and stage.prior not in names[:number]:
                yield f"stages.{number}.prior: no stage before it is named {stage.prior!r}"

    @property
    def inputs(self) -> int:
        """Channels the network sees: neighbouring slices count."""
        return len(self.channels) * self.slices

    @property
    def side_axis(self) -> int | None:
        """The spatial axis of a patch (0 is the first) that runs from left to right; None where slices lie across."""
        axis = self.axes.index(2) - (3 - self.dims)
        return axis if axis >= 0 else None


def _choice(values: Sequence[int], known: range) -> bool:
    """Whether all are known and none comes twice."""
    return len(set(values)) == len(values) and set(values) <= set(known)
