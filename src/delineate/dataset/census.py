"""Which values the masks hold, in how many cases and voxels; and what labels they mean where nobody says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import LabelError
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.facts import CaseFacts

MANY = 16
"""More values than this in pictures, counted from 1 without a gap, are objects by number and not classes."""

TOO_MANY = 1000
"""No set of classes is this large: such a mask is an image or numbers its objects."""

FEW_GREYS = 5
"""Fewer values between background and foreground than this are taken for classes, not for soft borders."""


class ValueCount(Record):
    """One value of the masks: its meaning, the cases that hold it and its voxels in all of them."""

    value: int
    name: str
    cases: int
    voxels: int
    example: str


def count_values(label_zyx: NDArray[Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The values of a mask in order, and how many voxels hold each."""
    low, high = int(label_zyx.min()), int(label_zyx.max())
    if low >= 0 and high < 2**16:  # counting is many times faster than sorting
        counts = sum(np.bincount(plane.reshape(-1), minlength=high + 1) for plane in label_zyx)
        values = np.flatnonzero(counts)
        voxels = np.asarray(counts)[values]
    else:
        values, voxels = np.unique(label_zyx, return_counts=True)
    return tuple(int(v) for v in values), tuple(int(n) for n in voxels)


def grey_values(label_zyx: NDArray[Any], values: tuple[int, ...], voxels: tuple[int, ...]) -> tuple[int, ...]:
    """The values of soft (anti-aliased) borders: many values between the lowest and the highest, rarer than
    either, and mostly beside voxels of both. Empty for ordinary masks."""
    between = values[1:-1]
    if len(between) < FEW_GREYS or max(voxels[1:-1]) > min(voxels[0], voxels[-1]):
        return ()
    low, high = _near(label_zyx == values[0]), _near(label_zyx == values[-1])
    grey = (label_zyx != values[0]) & (label_zyx != values[-1])
    return between if np.count_nonzero(grey & low & high) > 0.5 * np.count_nonzero(grey) else ()


def _near(mask_zyx: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels at most two steps along rows and columns from a marked one."""
    out = mask_zyx.copy()
    for axis in (1, 2):
        wide = out.copy()
        for step in (1, 2):
            ahead, behind = [slice(None)] * 3, [slice(None)] * 3
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            wide[tuple(ahead)] |= out[tuple(behind)]
            wide[tuple(behind)] |= out[tuple(ahead)]
        out = wide
    return out


def take_census(facts: Iterable[CaseFacts], labels: Labels | None) -> tuple[ValueCount, ...]:
    """All values of all masks, in order."""
    cases: dict[int, int] = {}
    voxels: dict[int, int] = {}
    example: dict[int, str] = {}
    for fact in facts:
        if fact.label is None:
            continue
        for value, count in zip(fact.label.values, fact.label.voxels, strict=True):
            cases[value] = cases.get(value, 0) + 1
            voxels[value] = voxels.get(value, 0) + count
            example.setdefault(value, fact.name)
    return tuple(
        ValueCount(value=v, name=value_name(v, labels), cases=cases[v], voxels=voxels[v], example=example[v])
        for v in sorted(cases)
    )


def value_name(value: int, labels: Labels | None) -> str:
    """What a file value means: names of the classes that contain it, "background", "ignored" or "not declared"."""
    if labels is None:
        return ""
    if value == labels.ignore_value:
        return "ignored"
    if labels.instances and value > 0:
        return labels.names[0]
    if value not in labels.file_values:
        return "not declared"
    i = labels.file_values.index(value)
    return "background" if i == 0 else ", ".join(c.name for c in labels.classes if i in c.ids) or "no class"


def infer_labels(facts: tuple[CaseFacts, ...]) -> Labels:
    """The labels that masks without a declaration mean: every value is a class, 0 is background; in pictures with
    many values counted from 1, every positive value is one class.

    Raises:
        LabelError: no masks, nothing marked, or values that can be read in more than one way.
    """
    masks = [f for f in facts if f.label is not None]
    census = take_census(masks, None)
    values = [c.value for c in census]
    if not masks:
        raise LabelError("no mask could be read", "a mask for every case to learn from", "repair the files named above")
    _refuse_unclear(values, census, masks)
    if _numbered_objects(masks, values):
        return Labels.of_instances()
    return Labels.exclusive({v: f"class {v}" for v in values if v != 0})


def _refuse_unclear(values: list[int], census: tuple[ValueCount, ...], masks: list[CaseFacts]) -> None:
    declare = "declare what each value means in a dataset.json ({'labels': {'background': 0, 'name': 1}})"
    if values == [0]:
        raise LabelError(
            "no mask marks anything: every voxel is 0", "values above 0 where something is marked", declare
        )
    if 0 not in values:
        told = ", ".join(str(v) for v in values[:8])
        raise LabelError(f"no voxel of any mask is 0: the values are {told}", "0 as background", declare)
    if values[0] < 0:
        raise LabelError(
            f"masks hold the negative value {values[0]} (for example in {census[0].example})", "0 and above", declare
        )
    if len(values) > TOO_MANY and not _numbered_objects(masks, values):
        raise LabelError(
            f"the masks hold {len(values)} different values", "one value per class", "are images paired as masks?"
        )
    if values[-1] == 255 and 2 < len(values) < 200 and values[:-1] == list(range(len(values) - 1)):
        raise LabelError(
            f"the value 255 beside 0 to {values[-2]} may be one more class or voxels that nobody labelled",
            "a declaration of 255",
            "in a dataset.json list it among the labels by its name, or as 'ignore': 255",
        )


def _numbered_objects(masks: list[CaseFacts], values: list[int]) -> bool:
    if len(values) - 1 <= MANY or any(m.head.label is None or m.head.label.kind != "picture" for m in masks):
        return False
    without_gap = [m for m in masks if m.label is not None and m.label.values[-1] + 1 <= 1.2 * len(m.label.values) + 1]
    return len(without_gap) >= 0.8 * len(masks)
