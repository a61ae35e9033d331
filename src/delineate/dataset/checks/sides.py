"""Classes told apart by left and right."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("sides")
def sides(survey: Survey) -> Iterator[Problem]:
    """A note that scans are not mirrored from left to right."""
    if survey.labels is not None and survey.labels.has_sides:
        yield Problem(
            severity="note",
            check="sides",
            case="",
            what="some classes are told apart by left and right: training does not mirror scans across the body",
            cause="the names of the classes speak of sides",
            fix="nothing to do",
        )
