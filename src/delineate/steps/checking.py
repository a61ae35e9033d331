"""The verb `check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.memory import MemoryUse, MemoryWatch, budget_of
from delineate.core.progress import Progress, silent
from delineate.core.threads import cpus

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.check import CheckResult


DRAWING_BYTES = 120 * 1024**2
"""What the libraries that draw a page take, and the pictures of one case (measured)."""


def check(
    data: Path,
    layout: str | None = None,
    progress: Progress = silent,
    *,
    memory: str | None = None,
    told: Callable[[MemoryUse], None] | None = None,
    html: Path | None = None,
) -> tuple[Dataset, CheckResult]:
    """Find the cases of a folder and tell every problem they have; see `dataset.check`.

    ``memory`` bounds the peak, by default 80 % of what is free: fewer cases are read at the same time, and one too
    large is an error of the result. ``told`` hears what was expected and what was measured. ``html`` is where a page
    about the data is written: distributions, examples, odd cases, and the problems.
    """
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases

    budget = budget_of(memory)
    drawing = DRAWING_BYTES if html is not None else 0
    expected: list[int] = []
    with MemoryWatch() as watch:
        dataset = find_cases(Path(data), layout)
        result = check_dataset(
            dataset,
            threads(),
            lambda n, m: progress("check", n, m),
            budget_bytes=budget - drawing,
            expect=expected.append,
            detail=html is not None,
        )
        if html is not None:
            _write_page(dataset, result, Path(html), budget)
    if told is not None:
        told(MemoryUse(budget, expected[0] + drawing, watch.peak_bytes))
    return dataset, result


def _write_page(data: Dataset, result: CheckResult, path: Path, budget_bytes: int) -> None:
    from delineate.dataset.profile import profile_dataset
    from delineate.show.datareport import DataFacts, write_datareport
    from delineate.steps.examples import draw_examples

    examples, notes = draw_examples(data, result, budget_bytes)
    title = data.root.resolve().name
    write_datareport(DataFacts(title, data, result, profile_dataset(data, result), examples, notes), path)


def threads() -> int:
    """Threads for reading: a few, since disks and decompression are shared."""
    return min(8, cpus())
