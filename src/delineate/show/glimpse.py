"""Glimpses: one slice of a few cases as it was predicted at each validation of a training, small and cheap."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.show.figures import Picture, array_png
from delineate.show.overlay import field_around, intensity_window
from delineate.show.palette import class_colours, rgb

SIDE_PX = 192
"""The longer side of a slice as it is drawn."""
MOST_STEPS = 8
"""Validations of a fold that the report shows, the first and the last among them."""
MOST_BYTES = 1_500_000
"""Of all folds together in the report; further ones are left out."""
_GAP = 4
_FILL = 0.38
_STEP = re.compile(r"step-(\d+)\.png")

Slice = NDArray[Any]


class Glimpsed(Record):
    """The cases that are drawn, from left to right."""

    cases: tuple[str, ...]


@dataclass(frozen=True)
class Glimpse:
    """What was predicted at a step."""

    step: int
    picture: Picture


def draw_glimpse(
    image_yx: Slice, truth_yx: Slice, prediction_yx: Slice, size_mm: tuple[float, float], labels: Labels
) -> NDArray[np.uint8]:
    """One slice as ``[h, w, 3]``: truth filled, prediction as a line, both in the colour of the class.

    The image may have another number of pixels than the two masks; all three cover ``size_mm`` (height, width). Far
    background is cut away, by the truth alone, so that one slice looks alike at every validation.
    """
    low, high = intensity_window(np.asarray(image_yx, np.float32))
    rows, columns = _places(field_around(truth_yx > 0), truth_yx.shape, size_mm)
    image = np.asarray(_at(image_yx, rows, columns), np.float32)
    drawn = np.repeat(np.clip((np.nan_to_num(image) - low) / (high - low), 0, 1)[..., None], 3, axis=-1)
    masks = [labels.masks(np.ascontiguousarray(_at(ids, rows, columns))) for ids in (truth_yx, prediction_yx)]
    for name, true, predicted in zip(class_colours(len(labels.classes)), *masks, strict=True):
        colour = np.asarray(rgb(name), np.float32)
        drawn[true] = drawn[true] * (1 - _FILL) + colour * _FILL
        drawn[_line(predicted)] = colour
    return np.asarray(np.round(drawn * 255), np.uint8)


def join_glimpses(tiles: Sequence[NDArray[np.uint8]]) -> bytes:
    """Drawn slices side by side as a PNG; black below those that are less high."""
    height, width = max(t.shape[0] for t in tiles), sum(t.shape[1] + _GAP for t in tiles) - _GAP
    canvas, left = np.zeros((height, width, 3), np.uint8), 0
    for tile in tiles:
        canvas[: tile.shape[0], left : left + tile.shape[1]] = tile
        left += tile.shape[1] + _GAP
    return array_png(canvas)


def glimpse_path(folder: Path, step: int) -> Path:
    """Where the picture of a validation lies."""
    return folder / f"step-{step:07d}.png"


def glimpse_steps(folder: Path) -> dict[int, Path]:
    """The pictures that there are, by their step."""
    found = {int(m[1]): p for p in folder.glob("step-*.png") if (m := _STEP.fullmatch(p.name))}
    return dict(sorted(found.items()))


def load_glimpses(
    folders: Mapping[str, Path], dice: Mapping[str, Mapping[int, float]], most_bytes: int = MOST_BYTES
) -> dict[str, tuple[tuple[str, ...], tuple[Glimpse, ...]]]:
    """For each fold the names of its cases and its pictures over time, with ``dice`` of the validations by fold and
    step; folds without pictures, and what is beyond ``most_bytes``, are left out."""
    shown, spent = {}, 0
    for title, folder in folders.items():
        steps = glimpse_steps(folder)
        chosen = [list(steps)[i] for i in _spread(len(steps), MOST_STEPS)]
        pictures = [steps[step].read_bytes() for step in chosen]
        spent += sum(map(len, pictures))
        if not pictures or spent > most_bytes:
            continue
        names = Glimpsed.load(folder / "cases.json").cases
        told = [_told(step, dice.get(title, {}).get(step)) for step in chosen]
        alt = f"{', '.join(names)}: truth and prediction at "
        found = (Glimpse(s, Picture(png, alt + t, t)) for s, png, t in zip(chosen, pictures, told, strict=True))
        shown[title] = (names, tuple(found))
    return shown


def _told(step: int, dice: float | None) -> str:
    return f"step {step:,}" + ("" if dice is None else f" · Dice {dice:.3f}")


def _spread(count: int, most: int) -> list[int]:
    """Places among ``count``, the first and the last among them."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, most))}) if count else []


def _places(field: tuple[slice, slice], shape: tuple[int, ...], size_mm: tuple[float, float]) -> tuple[Slice, Slice]:
    """For each row and column of the drawing, the place in the slice between 0 and 1; pixels are square in mm."""
    parts = [((f.start or 0) / n, f.stop / n) for f, n in zip(field, shape, strict=True)]
    extents = [(b - a) * mm for (a, b), mm in zip(parts, size_mm, strict=True)]
    pixels = [max(1, round(SIDE_PX * mm / max(extents))) for mm in extents]
    rows, columns = (a + (np.arange(n) + 0.5) / n * (b - a) for (a, b), n in zip(parts, pixels, strict=True))
    return rows, columns


def _at(array_yx: Slice, rows: Slice, columns: Slice) -> Slice:
    """The nearest values."""
    index = [(p * n).astype(int).clip(0, n - 1) for p, n in zip((rows, columns), array_yx.shape, strict=True)]
    return array_yx[np.ix_(*index)]


def _line(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outermost two pixels of a mask; what touches the edge of the drawing is open there."""
    inner = mask
    for _ in range(2):
        p = np.pad(inner, 1, mode="edge")
        inner = inner & p[:-2, 1:-1] & p[2:, 1:-1] & p[1:-1, :-2] & p[1:-1, 2:]
    return mask & ~inner
