"""What the masks of a run's validation tell beyond scores, gathered when training is done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.steps.certainty import Certainty
from delineate.steps.distances import Distances

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.evaluate.score import ClassScore
    from delineate.predict.validate import Validator
    from delineate.steps.fold import TrainJob

_FOR_THE_PAGE = 0.5
"""Of the time left when the pictures are kept: the page has to be drawn as well."""


def gather_findings(job: TrainJob, fold: int) -> None:
    """Look at the masks that a fold's last validation left, as many as the time allows and one at least: writes
    ``findings.json`` beside its scores, and the distances between surfaces into these. A validation has its cases in
    random order, so any first part will do. Writes ``calibration.json`` too, which was counted while the logits
    passed by.
    """
    from delineate.evaluate.findings import Findings, find_in_case, join_findings

    validator, labels = job.validators[fold], job.plan.labels
    names = scored_cases(validator)
    seconds = _seconds(job, fold)
    begun, parts = time.monotonic(), list[Findings]()
    distances = Distances(labels, job.sitting.budget_bytes)
    for number, name in enumerate(names, 1):
        geometry = job.store.trace(name).original
        found, true = validator.mask(name), validator.truth(name)
        parts.append(find_in_case(found, true, labels, geometry, name))
        left = None if seconds is None else begun + seconds - time.monotonic()
        distances.measure(found, true, geometry, name, left)
        spent = time.monotonic() - begun
        if seconds is not None and spent * (number + 1) / number > seconds:
            break
    validator.scores = distances.add_to(validator.scores)
    save_scores(validator.scores, job.run.fold(fold))
    joined = join_findings(parts, len(names))
    if joined is not None:
        joined.save(job.run.fold(fold) / "findings.json")
    certainty = validator.probabilities
    if isinstance(certainty, Certainty) and (sure := certainty.of(names)) is not None:
        sure.save(job.run.fold(fold) / "calibration.json")


def save_scores(scores: Sequence[ClassScore], folder: Path) -> None:
    """Write the scores of a fold, where there are any."""
    from delineate.evaluate.table import summarise

    if scores:
        table = summarise(scores)
        table.save_json(folder / "scores.json")
        table.save_csv(folder / "scores.csv")


def scored_cases(validator: Validator) -> list[str]:
    """The cases of the last validation, in the order in which they were scored."""
    return list(dict.fromkeys(score.case for score in validator.scores))


def _seconds(job: TrainJob, fold: int) -> float | None:
    left = job.sitting.left_s(job.config)
    if left is None:
        return None
    folds = list(job.validators)
    return max(left * _FOR_THE_PAGE, 0.0) / (len(folds) - folds.index(fold))
