"""The memory that predicting a case takes, from its headers alone; and settings with which it takes less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from delineate.core.errors import BudgetError
from delineate.core.units import show_memory
from delineate.dataset.case import Case
from delineate.formats import VolumeInfo, read_info
from delineate.plan.budget import forward_bytes, slab_bytes, windows_at_once
from delineate.predict.model import Model
from delineate.store.scan import prepared_shape

_LIBRARIES_BYTES = 60 * 1024**2
"""What the libraries that read, resample and write take once they were used (measured)."""


def fit_model(model: Model, cases: Sequence[Case], budget_bytes: int, own_bytes: int) -> tuple[Model, int]:
    """The model with as many windows at once as the largest case leaves room for, and the peak to expect.

    ``own_bytes`` is what the program with its network takes already.

    Raises:
        BudgetError: a case does not fit even with one window at a time; it is named, and nothing was predicted.
    """
    infos = [[read_info(path) for path in case.images] for case in cases]
    usual = windows_at_once(model.stage.patch)
    ways = [replace(model, at_once=n, half=half) for half in (False, True) for n in _halved(usual)]
    for way in ways:
        expected = own_bytes + _LIBRARIES_BYTES + max(case_bytes(way, info) for info in infos)
        if expected <= budget_bytes:
            return way, expected
    sizes = [case_bytes(ways[-1], info) for info in infos]
    largest = sizes.index(max(sizes))
    least = show_memory(own_bytes + _LIBRARIES_BYTES + sizes[largest])
    raise BudgetError(
        f"predicting {cases[largest].name} takes {least}, and {show_memory(budget_bytes)} may be used",
        f"at least {least}",
        "give more with --memory, predict with fewer folds (--fold), or leave this scan out",
    )


def case_bytes(model: Model, infos: Sequence[VolumeInfo]) -> int:
    """The most that reading, preparing, answering and writing one case take, each in its turn."""
    plan, stage = model.plan, model.stage
    geometry, channels, outputs = infos[0].geometry, len(plan.normalisers), plan.labels.channels
    raw = prod(geometry.shape)
    shape = prepared_shape(geometry, plan, stage)
    new = prod(shape)
    stored = sum(info.channels * info.dtype.itemsize for info in infos)
    reading = raw * (stored + max(stored, 4 * channels))
    preparing = raw * 4 * channels + new * 4 * channels + 8 * max(raw, new)
    kept = 4 * channels * new + raw * plan.labels.dtype.itemsize
    whole = 0 if plan.planes == (0,) else outputs * new * (2 if model.half else 4)
    windows = model.at_once or windows_at_once(stage.patch)
    forward = forward_bytes(stage, outputs, windows, model.value_bytes)
    answering = kept + whole + slab_bytes(shape, stage.patch, outputs) + forward
    writing = raw * 4
    return max(reading, preparing, answering, writing)


def _halved(count: int) -> list[int]:
    """``count``, half of it, and so on down to 1."""
    found = [count]
    while found[-1] > 1:
        found.append(found[-1] // 2)
    return found
