"""The verb `check`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.memory import MemoryUse, MemoryWatch, budget_of
from delineate.core.progress import Progress, silent

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.check import CheckResult


def check(
    data: Path,
    layout: str | None = None,
    progress: Progress = silent,
    *,
    memory: str | None = None,
    told: Callable[[MemoryUse], None] | None = None,
) -> tuple[Dataset, CheckResult]:
    """Find the cases of a folder and tell every problem they have; see `dataset.check`.

    ``memory`` bounds the peak, by default 80 % of what is free: fewer cases are read at the same time, and one too
    large is an error of the result. ``told`` hears what was expected and what was measured.
    """
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases

    budget = budget_of(memory)
    expected: list[int] = []
    with MemoryWatch() as watch:
        dataset = find_cases(Path(data), layout)
        result = check_dataset(
            dataset, threads(), lambda n, m: progress("check", n, m), budget_bytes=budget, expect=expected.append
        )
    if told is not None:
        told(MemoryUse(budget, expected[0], watch.peak_bytes))
    return dataset, result


def threads() -> int:
    """Threads for reading: a few, since disks and decompression are shared."""
    return max(1, min(8, os.cpu_count() or 1))
