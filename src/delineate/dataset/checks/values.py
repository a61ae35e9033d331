"""Label values against the declared names."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey
from delineate.dataset.facts import CaseFacts


@CHECKS.register("values")
def values(survey: Survey) -> Iterator[Problem]:
    """An error for every case with values nobody declared; a warning for classes no mask holds."""
    labels = survey.data.labels
    if labels is None:
        return
    known = {*labels.file_values, labels.ignore_value}
    for fact in survey.facts:
        odd = [] if fact.label is None else [v for v in fact.label.values if v not in known]
        if labels.instances:
            odd = [v for v in odd if v < 0]
        if odd and not (fact.label and fact.label.greys):  # soft borders are told by their own check
            yield _undeclared(survey, fact, odd)
    held = {c.value for c in survey.census}
    for wanted in labels.classes:
        if held and not held & {labels.file_values[i] for i in wanted.ids}:
            told = ", ".join(str(labels.file_values[i]) for i in wanted.ids)
            yield Problem(
                severity="warning",
                check="values",
                case="",
                what=f'no mask holds the class "{wanted.name}" (value {told})',
                cause="it is declared but never drawn, or drawn with another value",
                fix="remove it from the declaration or correct the masks; it cannot be learnt",
            )


def _undeclared(survey: Survey, fact: CaseFacts, odd: list[int]) -> Problem:
    labels = survey.labels
    told = ", ".join(f"{v} ({fact.label.count(v)} voxels)" for v in odd[:6]) if fact.label else ""
    more = f" and {len(odd) - 6} more" if len(odd) > 6 else ""
    names = [] if labels is None else [f"{v}" for v in labels.file_values]
    return Problem(
        severity="error",
        check="values",
        case=fact.name,
        what=f"label values that are not declared: {told}{more}",
        cause=f"declared are {', '.join(names)}",
        fix=_proposal(survey, odd),
    )


def _proposal(survey: Survey, odd: list[int]) -> str:
    labels = survey.labels
    held = {c.value for c in survey.census}
    if labels is not None and odd == [255] and labels.file_values == (0, 1) and 1 not in held:
        return f"declare {labels.names[0]} as 255 instead of 1 (the files stay as they are)"
    return "add a name for each to the declaration, or correct the masks"
