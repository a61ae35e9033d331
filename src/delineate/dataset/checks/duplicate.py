"""The same image in more than one case."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.listing import listed
from delineate.dataset.case import Case
from delineate.dataset.check import CHECKS, Problem, Survey
from delineate.dataset.facts import CaseFacts


@CHECKS.register("duplicate")
def duplicate(survey: Survey) -> Iterator[Problem]:
    """An error where the copies belong to different patients (training and validation would share them), a warning
    within one patient."""
    same: dict[str, list[tuple[Case, CaseFacts]]] = {}
    for case, fact in survey.pairs:
        contrast = any(c.minimum != c.maximum for c in fact.channels)
        if fact.voxel_hash and contrast:
            same.setdefault(fact.voxel_hash, []).append((case, fact))
    for copies in same.values():
        if len(copies) < 2:
            continue
        apart = len({case.group or case.name for case, _ in copies}) > 1
        names = [case.name for case, _ in copies]
        yield Problem(
            severity="error" if apart else "warning",
            check="duplicate",
            case=listed(names, 5),
            what=f"the same voxels in {len(copies)} cases: {listed(names, 5)}",
            cause="a copy under another name" + ("" if apart else " of the same patient"),
            fix="keep one of them; in training and validation at once it would make the scores too good"
            if apart
            else "keep one of them",
        )
