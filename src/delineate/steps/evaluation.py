"""The verb `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.evaluate.table import ScoreTable


def evaluate(
    prediction: Path, truth: Path, out: Path | None = None, run: Path | None = None, progress: Progress = silent
) -> ScoreTable:
    """Score masks against the truth, file by file or folder by folder; with ``out``, write CSV and JSON there.

    ``run`` names the classes as that run did; without it every value is a class.
    """
    from delineate.evaluate.files import evaluate_files
    from delineate.plan.plan import Plan

    labels = None if run is None else Plan.load(RunFolder(Path(run)).plan).labels
    table = evaluate_files(Path(prediction), Path(truth), labels, progress=lambda n, m: progress("evaluate", n, m))
    if out is not None:
        Path(out).mkdir(parents=True, exist_ok=True)
        table.save_json(Path(out) / "scores.json")
        table.save_csv(Path(out) / "scores.csv")
        table.save_summary_csv(Path(out) / "classes.csv")
    return table
