"""The calibration of probability maps, a part of the verb `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.evaluate.probabilities import Calibration


def calibrate(
    probabilities: Path, truth: Path, out: Path | None = None, run: Path | None = None, progress: Progress = silent
) -> Calibration:
    """Compare the maps that ``predict`` wrote to the folder ``probabilities`` with the truth; with ``out``, write
    ``calibration.json`` and ``calibration.csv`` there.

    The classes are those of ``run``, or of the folder itself.
    """
    from delineate.evaluate.probabilities import calibrate_files
    from delineate.plan.plan import Plan

    labels = None if run is None else Plan.load(RunFolder(Path(run)).plan).labels
    found = calibrate_files(Path(probabilities), Path(truth), labels, lambda n, m: progress("calibration", n, m))
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
        found.save(Path(out) / "calibration.json")
        found.save_csv(Path(out) / "calibration.csv")
    return found
