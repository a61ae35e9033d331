"""Where a mask lies against its image when their headers disagree: which of the two the voxels believe.

A mask that fits has its borders where the image has edges, and the step in intensity from one class to the next is
alike all along them. The borders are put into the image as the header says, as the array says, and mirrored;
whichever meets the strongest steps of one sign tells what went wrong.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Geometry, corner_distance_mm, same_place
from delineate.core.record import Record

DECISIVE = 1.3
"""How much stronger than the next the steps of a hypothesis must be to be believed."""

POINTS = 20_000

_FIXES = {
    "header only": "copy the image's header to the mask, for example with SimpleITK `mask.CopyInformation(image)`",
    "resampled": "resample the mask to the image's grid with nearest neighbour, for example with `SimpleITK.Resample`",
    "flipped": "turn the mask to the image's orientation (flip its array along the named axes, then copy the header)",
    "shifted": "resample the mask to the image's grid with nearest neighbour, for example with `SimpleITK.Resample`",
    "cropped": "export the mask again over the whole image, or crop the image to the mask",
    "axes swapped": "save image and mask with the same tool and the same order of axes",
    "undecided": "look at both in a viewer; if they fit there resample the mask, else copy the image's header to it",
}


class Misplacement(Record):
    """What is wrong: ``kind`` is one of header only, resampled, flipped, shifted, cropped, axes swapped, undecided;
    ``distance_mm`` is the largest distance between corresponding corners."""

    kind: str
    distance_mm: float
    why: str
    fix: str


def misplaced(image: Geometry, label: Geometry) -> bool:
    """Whether the two differ in shape or by more than half a voxel."""
    return not same_place(image, label)


def diagnose(
    image: Geometry,
    label: Geometry,
    image_zyx: NDArray[Any] | None = None,
    label_zyx: NDArray[Any] | None = None,
) -> Misplacement:
    """Tell how a mask's grid departs from the image's; without voxels only as far as the headers know."""
    if image.shape != label.shape:
        kind, why = _other_shape(image, label)
    elif image_zyx is None or label_zyx is None:
        kind, why = "undecided", "the headers place them differently"
    else:
        kind, why = _same_shape(image, label, image_zyx, label_zyx)
    return Misplacement(kind=kind, distance_mm=corner_distance_mm(image, label), why=why, fix=_FIXES[kind])


def _other_shape(image: Geometry, label: Geometry) -> tuple[str, str]:
    if sorted(image.shape) == sorted(label.shape):
        return "axes swapped", "the same sizes stand in another order"
    if _same_extent(image, label):
        return "resampled", "both cover the same space with different voxels"
    told = [
        f"{abs(a - b)} {'fewer' if b < a else 'more'} along {axis}"
        for axis, a, b in zip("zyx", image.shape, label.shape, strict=True)
        if a != b
    ]
    return "cropped", "the mask has " + ", ".join(told) + " than the image"


def _same_extent(a: Geometry, b: Geometry) -> bool:
    """Whether the outer faces of two grids agree within one voxel of the coarser."""
    first = (-0.5, -0.5, -0.5)
    ends_a = a.to_world([first, [n - 0.5 for n in a.shape]])
    ends_b = b.to_world([first, [n - 0.5 for n in b.shape]])
    step = max(*a.spacing_mm, *b.spacing_mm)
    alike = a.spacing_mm == b.spacing_mm  # with one spacing, another shape is another extent
    return not alike and bool(np.abs(ends_a - ends_b).max() <= step)


def _same_shape(image: Geometry, label: Geometry, image_zyx: NDArray[Any], label_zyx: NDArray[Any]) -> tuple[str, str]:
    lower, upper, kinds = _border(label_zyx)
    if len(kinds) < 10:
        return "undecided", "the mask is too small to compare its border with the image"
    places = zip(_hypotheses(image, label, lower).items(), _hypotheses(image, label, upper).values(), strict=True)
    steps = {name: _read(image_zyx, above) - _read(image_zyx, below) for (name, below), above in places}
    scores = _agreement(steps, kinds)
    world, array = scores.pop("world"), scores.pop("array")
    mirrored = max(scores, key=lambda k: scores[k], default="")
    flipped = scores.get(mirrored, 0.0)
    turned = image.closest_axes() != label.closest_axes()
    if flipped > DECISIVE * array and (turned or flipped > DECISIVE * world):
        return "flipped", f"the mask fits the image when mirrored along {mirrored}"
    if array > DECISIVE * world:
        return "header only", "voxel for voxel the mask fits the image; only its header places it elsewhere"
    if world > DECISIVE * array:
        return "shifted", "the mask fits where its header places it, on a grid that is not the image's"
    return "undecided", "the headers place them differently and the edges of the image do not tell which is right"


def _border(label_zyx: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where two labels meet: indices ``[n, 3]`` a voxel inside the lower and inside the higher of the two, and which
    pair of labels it is; at most about `POINTS` evenly drawn."""
    lower, upper, kinds = [], [], []
    for axis in range(3):
        points = np.argwhere(np.diff(label_zyx.astype(np.int32), axis=axis))
        points = points[:: max(1, 3 * len(points) // POINTS)]
        step = np.eye(3, dtype=np.int64)[axis]
        here, there = (label_zyx[tuple(p.T)].astype(np.int64) for p in (points, points + step))
        rises = (there > here)[:, None]
        before, after = points - step, points + 2 * step
        lower.append(np.where(rises, before, after))
        upper.append(np.where(rises, after, before))
        kinds.append(np.minimum(here, there) * 2**20 + np.maximum(here, there))
    return np.concatenate(lower), np.concatenate(upper), np.concatenate(kinds)


def _hypotheses(image: Geometry, label: Geometry, points: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Where the border would lie in the image's array: as the array, as the header, or a mirroring says."""
    out = {"array": points, "world": np.rint(image.to_index(label.to_world(points))).astype(np.int64)}
    for flips in product((False, True), repeat=3):
        axes = [a for a, f in enumerate(flips) if f and image.shape[a] > 1]
        if axes and len(axes) == sum(flips):
            mirrored = points.copy()
            for a in axes:
                mirrored[:, a] = image.shape[a] - 1 - mirrored[:, a]
            out[" and ".join("zyx"[a] for a in axes)] = mirrored
    return out


def _agreement(steps: dict[str, NDArray[np.float64]], kinds: NDArray[np.int64]) -> dict[str, float]:
    """The mean step of each pair of labels without its sign, weighted by how often the pair meets: steps that go up
    here and down there cancel."""
    limit = float(np.percentile(np.abs(np.concatenate(list(steps.values()))), 95))  # a few bright voxels decide nothing
    _, pair = np.unique(kinds, return_inverse=True)
    return {n: float(np.abs(np.bincount(pair, np.clip(s, -limit, limit))).sum() / len(s)) for n, s in steps.items()}


def _read(image_zyx: NDArray[Any], points: NDArray[np.int64]) -> NDArray[np.float64]:
    """Intensities at points; beyond the border that of the nearest voxel."""
    p = np.clip(points, 0, np.asarray(image_zyx.shape) - 1)
    return np.nan_to_num(image_zyx[tuple(p.T)].astype(np.float64), posinf=0.0, neginf=0.0)
