"""Classes and cases that are too few to learn from and to measure on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from delineate.core.labels import Labels
from delineate.core.listing import listed
from delineate.dataset.check import CHECKS, Problem, Survey

FEW_CASES = 5
_TOLD = 8
_ANYWAY = "--set rare=allow"


@CHECKS.register("rare")
def rare(survey: Survey) -> Iterator[Problem]:
    """An error for a set of one labelled case and for classes that one case only holds (warnings where
    ``survey.rare`` is "allow"); a note for fewer than five cases."""
    names = [case.name for case in survey.data.labelled]
    if len(names) == 1:
        yield _problem(
            survey,
            case=names[0],
            what="there is only one labelled case",
            cause="it is trained on and measured on the same case: the scores tell nothing about other scans",
            fix="label at least a second case",
        )
        return
    if 1 < len(names) < FEW_CASES:
        yield Problem(
            severity="note",
            check="rare",
            case="",
            what=f"there are only {len(names)} labelled cases: each is validated on its own, and scores vary widely",
            fix="label more cases if you can",
        )
    yield from _classes_of_one_case(survey)


def _classes_of_one_case(survey: Survey) -> Iterator[Problem]:
    """All classes that one case only holds, in one finding."""
    masks = [f for f in survey.facts if f.label is not None]
    # a mask that cannot be read is told by another check, and may hold any class
    if survey.labels is None or len(masks) < len(survey.data.labelled):
        return
    single: list[tuple[str, str]] = []
    for wanted in survey.labels.classes:
        held_by = [f.name for f in masks if f.label is not None and _holds(survey.labels, f.label.values, wanted.ids)]
        if len(held_by) == 1:
            single.append((wanted.name, held_by[0]))
    if len(single) == 1:
        yield _problem(
            survey,
            case=single[0][1],
            what=f'the class "{single[0][0]}" is in this case only',
            cause="it is either trained on or measured, never both",
            fix="label it in more cases, or leave the class out",
        )
    elif single:
        cases = list(dict.fromkeys(case for _, case in single))
        of = {case: listed([name for name, held_by in single if held_by == case], _TOLD) for case in cases}
        yield _problem(
            survey,
            case=listed(cases, 5),
            what=f"{len(single)} classes are in one case only: "
            + "; ".join(f"in {case} {of[case]}" for case in cases[:_TOLD])
            + (f"; and in {len(cases) - _TOLD} more cases" if len(cases) > _TOLD else ""),
            cause="each is either trained on or measured, never both",
            fix="label them in more cases, or leave the classes out",
        )


def _problem(survey: Survey, *, case: str, what: str, cause: str, fix: str) -> Problem:
    severity: Literal["error", "warning"] = "warning" if survey.rare == "allow" else "error"
    if severity == "error":
        fix += f"; to train anyway: {_ANYWAY}"
    return Problem(severity=severity, check="rare", case=case, what=what, cause=cause, fix=fix)


def _holds(labels: Labels, held: tuple[int, ...], ids: tuple[int, ...]) -> bool:
    return any(v > 0 for v in held) if labels.instances else any(labels.file_values[i] in held for i in ids)
