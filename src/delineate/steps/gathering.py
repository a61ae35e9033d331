"""What the masks of a run's validation tell beyond scores, gathered when training is done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from delineate.steps.certainty import Certainty

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.predict.validate import Validator
    from delineate.steps.fold import TrainJob

_FOR_THE_PAGE = 0.5
"""Of the time left when the pictures are kept: the page has to be drawn as well."""


def gather_findings(job: TrainJob, fold: int) -> None:
    """Look at the masks that a fold's last validation left, as many as the time allows and one at least: writes
    ``findings.json`` beside its scores. A validation has its cases in random order, so any first part will do.
    Writes ``calibration.json`` too, which was counted while the logits passed by.
    """
    from delineate.evaluate.findings import Findings, find_in_case, join_findings

    validator = job.validators[fold]
    names = scored_cases(validator)
    seconds = _seconds(job, fold)
    begun, parts = time.monotonic(), list[Findings]()
    for number, name in enumerate(names, 1):
        geometry = job.store.trace(name).original
        parts.append(find_in_case(validator.mask(name), validator.truth(name), job.plan.labels, geometry, name))
        spent = time.monotonic() - begun
        if seconds is not None and spent * (number + 1) / number > seconds:
            break
    found = join_findings(parts, len(names))
    if found is not None:
        found.save(job.run.fold(fold) / "findings.json")
    certainty = validator.probabilities
    if isinstance(certainty, Certainty) and (sure := certainty.of(names)) is not None:
        sure.save(job.run.fold(fold) / "calibration.json")


def scored_cases(validator: Validator) -> list[str]:
    """The cases of the last validation, in the order in which they were scored."""
    return list(dict.fromkeys(score.case for score in validator.scores))


def _seconds(job: TrainJob, fold: int) -> float | None:
    left = job.sitting.left_s(job.config)
    if left is None:
        return None
    folds = list(job.validators)
    return max(left * _FOR_THE_PAGE, 0.0) / (len(folds) - folds.index(fold))
