"""Classes and cases that are too few to learn from or to measure on."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey

FEW_CASES = 5


@CHECKS.register("rare")
def rare(survey: Survey) -> Iterator[Problem]:
    """Warnings for a class in only one case and for a set of one case; a note for fewer than five."""
    masks = [f for f in survey.facts if f.label is not None]
    if len(masks) == 1:
        yield Problem(
            severity="warning",
            check="rare",
            case=masks[0].name,
            what="there is only one labelled case",
            cause="it is trained on and measured on the same case: the scores tell nothing about other scans",
            fix="label at least a second case",
        )
    elif 1 < len(masks) < FEW_CASES:
        yield Problem(
            severity="note",
            check="rare",
            case="",
            what=f"there are only {len(masks)} labelled cases: each is validated on its own, and scores vary widely",
            fix="label more cases if you can",
        )
    if survey.labels is None or len(masks) < 2:
        return
    for wanted in survey.labels.classes:
        held_by = [f.name for f in masks if f.label is not None and _holds(survey, f.label.values, wanted.ids)]
        if len(held_by) == 1:
            yield Problem(
                severity="warning",
                check="rare",
                case=held_by[0],
                what=f"the class {wanted.name} is in this case only",
                cause="it is either trained on or measured, never both",
                fix="label it in more cases, or leave the class out",
            )


def _holds(survey: Survey, held: tuple[int, ...], ids: tuple[int, ...]) -> bool:
    labels = survey.labels
    if labels is None:
        return False
    return any(v > 0 for v in held) if labels.instances else any(labels.file_values[i] in held for i in ids)
