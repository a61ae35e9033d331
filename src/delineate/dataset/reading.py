"""`Reading`: how many cases are looked at side by side, and which are too large to be, told from headers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delineate.core.errors import BudgetError
from delineate.core.memory import fitting, tree_bytes
from delineate.core.units import show_memory
from delineate.dataset.facts import CaseHead, FileHead, Trouble

LIBRARIES_BYTES = 40 * 1024**2
"""What the libraries that read files take once the first was read (measured)."""
FACTS_BYTES = 16 * 1024
"""What is kept of a case beside the sample of its intensities, its thumbnail and the comparison of that included."""


@dataclass(frozen=True)
class Reading:
    """``workers`` cases at the same time, those ``too_large`` (by number, with the trouble to tell) not at all;
    ``expected_bytes`` is the peak of the process that follows from it."""

    workers: int
    too_large: dict[int, Trouble]
    expected_bytes: int


def choose_reading(
    heads: Sequence[CaseHead], workers: int, budget_bytes: int | None = None, sample_bytes: int = 0
) -> Reading:
    """At most ``workers``, as many as the largest cases fit the budget together; a case that would not even fit alone
    is refused instead of being killed half way. ``sample_bytes`` are kept of every case."""
    own = tree_bytes() + LIBRARIES_BYTES + (FACTS_BYTES + sample_bytes) * len(heads)
    sizes = [look_bytes(head) for head in heads]
    if budget_bytes is None:
        return Reading(workers, {}, own + sum(sorted(sizes)[-workers:]))
    room = budget_bytes - own
    large = {n: _trouble(heads[n], s, budget_bytes, own) for n, s in enumerate(sizes) if s > room}
    left = [s for n, s in enumerate(sizes) if n not in large]
    count = max(1, min(workers, fitting(left, room)))
    return Reading(count, large, own + sum(sorted(left)[-count:]))


def look_bytes(head: CaseHead) -> int:
    """What looking at a case takes: its mask stays while its images go by, one file after the other.

    Part of a file is there twice while it is unpacked (measured); marking the foreground takes a byte per voxel.
    """
    label = 0 if head.label is None else _array_bytes(head.label)
    marked = 0 if head.label is None else int(np.prod(head.label.geometry.shape))
    images = [16 * _array_bytes(image) // 10 for image in head.images]
    return max(2 * label, label + 2 * marked, label + max(images, default=0))


def _array_bytes(file: FileHead) -> int:
    return int(np.prod(file.geometry.shape)) * file.channels * np.dtype(file.dtype).itemsize


def _trouble(head: CaseHead, size: int, budget_bytes: int, own_bytes: int) -> Trouble:
    path = head.images[0].path if head.images else head.label.path  # type: ignore[union-attr]
    return Trouble(
        path=path,
        role="image",
        code=BudgetError.code,
        what=f"{path} was not looked at: that takes {show_memory(size + own_bytes)}, and {show_memory(budget_bytes)} "
        "may be used",
        expected=f"at least {show_memory(size + own_bytes)}",
        fix="give more with --memory, or leave this case out",
    )
