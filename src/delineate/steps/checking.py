"""The verb `check`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.progress import Progress, silent

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.check import CheckResult


def check(data: Path, layout: str | None = None, progress: Progress = silent) -> tuple[Dataset, CheckResult]:
    """Find the cases of a folder and tell every problem they have; see `dataset.check`."""
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases

    dataset = find_cases(Path(data), layout)
    result = check_dataset(dataset, workers=threads(), progress=lambda n, m: progress("check", n, m))
    return dataset, result


def threads() -> int:
    """Threads for reading: a few, since disks and decompression are shared."""
    return max(1, min(8, os.cpu_count() or 1))
