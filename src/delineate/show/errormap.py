"""Error maps: where truth and prediction agree and where not, in three planes through the largest error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.show.facts import CasePicture
from delineate.show.figures import Picture, array_png
from delineate.show.overlay import intensity_window
from delineate.show.palette import rgb

AGREED, TOO_MUCH, MISSED, OTHER = "#009e73", "#e69f00", "#0072b2", "#f0e442"
"""Agreement, false positive, false negative, one class taken for another: apart for every kind of colour vision
(Okabe & Ito, Color Universal Design, 2008)."""
KEYS = (("agreement", AGREED), ("marked, not there", TOO_MUCH), ("there, not marked", MISSED), ("other class", OTHER))
_STRENGTH = (0.45, 0.8, 0.8, 0.8)
_SIDE_PX = 330
_LEAST_PX = 60


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """Pictures of the planes, and the largest connected error in words; ``told`` is empty where there is no error."""

    pictures: tuple[Picture, ...]
    told: str


def classify(truth_zyx: NDArray[Any], prediction_zyx: NDArray[Any], ignore_id: int | None = None) -> NDArray[np.uint8]:
    """0 nothing, 1 agreement, 2 marked but not there, 3 there but not marked, 4 another class; unlabelled is 0."""
    truth, found = truth_zyx, prediction_zyx
    kinds = np.zeros(truth.shape, np.uint8)
    kinds[(truth > 0) & (truth == found)] = 1
    kinds[(truth == 0) & (found > 0)] = 2
    kinds[(truth > 0) & (found == 0)] = 3
    kinds[(truth > 0) & (found > 0) & (truth != found)] = 4
    if ignore_id is not None:
        kinds[truth == ignore_id] = 0
    return kinds


def draw_errors(case: CasePicture, labels: Labels) -> ErrorMap:
    """Three planes (of a single slice: one) through the middle of the largest error, cut to what is marked."""
    kinds = classify(case.truth_zyx, case.prediction_zyx, labels.ignore_id)
    if not kinds.any():
        return ErrorMap((), "")
    box = _box(kinds > 0)
    places, told = _largest_error(case, labels, kinds, box)
    low, high = intensity_window(case.image_zyx)
    pictures = []
    for axis in (0,) if kinds.shape[0] == 1 else (0, 1, 2):
        here: list[Any] = [*box]
        here[axis] = places[axis]
        plane = kinds[tuple(here)]
        image = np.clip((case.image_zyx[tuple(here)].astype(np.float32) - low) / (high - low), 0, 1)
        mm = [case.spacing_mm[a] for a in range(3) if a != axis]
        if axis:  # z points up
            plane, image = plane[::-1], image[::-1]
        pictures.append(_paint(case, plane, image, (mm[0], mm[1]), _caption(axis, places[axis], kinds, plane)))
    return ErrorMap(tuple(pictures), told)


def _largest_error(
    case: CasePicture, labels: Labels, kinds: NDArray[np.uint8], box: tuple[slice, ...]
) -> tuple[tuple[int, ...], str]:
    """The slices that cut the largest connected error where it is widest; its size and kind in words."""
    import cc3d

    inside = kinds[box]
    errors = np.ascontiguousarray(inside > 1).view(np.uint8)  # as bytes: see `dataset.components`
    numbered = cc3d.connected_components(errors, connectivity=6)
    sizes = np.bincount(numbered.reshape(-1))
    if len(sizes) < 2:
        marked = inside > 0
        return _widest(marked, box), ""
    number = int(np.argmax(sizes[1:])) + 1
    error = numbered == number
    places = _widest(error, box)
    volume = int(sizes[number]) * float(np.prod(case.spacing_mm)) / 1000
    kind = int(np.bincount(inside[error], minlength=5)[2:].argmax()) + 2
    ids = (case.prediction_zyx if kind == 2 else case.truth_zyx)[box][error & (inside == kind)]
    name = _name(labels, int(np.bincount(ids).argmax()))
    what = {2: "marked where there is none", 3: "not marked", 4: "marked as another class"}[kind]
    flat = kinds.shape[0] == 1
    size = f"{int(sizes[number]):,} pixels" if flat else f"{volume:.3g} ml"
    return places, f"largest error: {size}, mostly {name} {what}"


def _name(labels: Labels, i: int) -> str:
    return next((c.name for c in labels.classes if c.ids == (i,)), "") or next(
        (c.name for c in labels.classes if i in c.ids), "a structure"
    )


def _widest(mask: NDArray[np.bool_], box: tuple[slice, ...]) -> tuple[int, ...]:
    counts = (mask.sum(axis=tuple(a for a in range(3) if a != axis)) for axis in range(3))
    return tuple(int(np.argmax(n)) + part.start for n, part in zip(counts, box, strict=True))


def _box(marked: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Where anything is marked, with a margin of a fifth and at least 6 voxels."""
    found = []
    for axis in range(3):
        places = np.flatnonzero(marked.any(axis=tuple(a for a in range(3) if a != axis)))
        first, last = int(places[0]), int(places[-1]) + 1
        margin = max((last - first) // 5, 6)
        found.append(slice(max(first - margin, 0), min(last + margin, marked.shape[axis])))
    return tuple(found)


def _caption(axis: int, place: int, kinds: NDArray[np.uint8], plane: NDArray[np.uint8]) -> str:
    counts = np.bincount(plane.reshape(-1), minlength=5)
    kinds_told = ("too many", "missed", "as another class")
    words = [f"{n:,} {word}" for n, word in zip(counts[2:], kinds_told, strict=True) if n]
    where = "" if kinds.shape[0] == 1 else f"{'zyx'[axis]} = {place} of {kinds.shape[axis]}: "
    return where + (", ".join(words) + f" of {int(counts[1:].sum()):,}" if words else "no error in this plane")


def _paint(
    case: CasePicture, plane: NDArray[np.uint8], grey: NDArray[Any], pixel_mm: tuple[float, float], caption: str
) -> Picture:
    """The grey scan dimmed under the colours, in true proportions."""
    from PIL import Image

    sizes_mm = [n * mm for n, mm in zip(plane.shape, pixel_mm, strict=True)]
    height, width = (max(round(_SIDE_PX * mm / max(sizes_mm)), _LEAST_PX) for mm in sizes_mm)
    shades = np.round(np.nan_to_num(grey) * 200).astype(np.uint8)
    image = Image.fromarray(shades).resize((width, height), Image.Resampling.BILINEAR).convert("RGB")
    kinds = np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.NEAREST))
    pixels = np.asarray(image).astype(np.float32)
    for kind, ((_, colour), strength) in enumerate(zip(KEYS, _STRENGTH, strict=True), 1):
        here = kinds == kind
        pixels[here] = (1 - strength) * pixels[here] + strength * 255 * np.array(rgb(colour), np.float32)
    return Picture(array_png(np.round(pixels).astype(np.uint8)), f"{case.case}, {caption}", caption)
