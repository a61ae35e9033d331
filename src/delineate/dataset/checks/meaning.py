"""What undeclared label values are taken to mean."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.listing import listed
from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("meaning")
def meaning(survey: Survey) -> Iterator[Problem]:
    """An error where the masks cannot be understood; a note with the mapping proposed where they can."""
    labels = survey.labels
    if survey.unclear is not None and survey.data.labelled:
        error = survey.unclear
        yield Problem(
            severity="error",
            check="meaning",
            case="",
            what=error.what,
            cause=f"no labels are declared; expected {error.expected}",
            fix=error.fix,
        )
    elif survey.data.labels is None and labels is not None and labels.instances:
        yield Problem(
            severity="note",
            check="meaning",
            case="",
            what=f"the masks number their objects (up to {survey.census[-1].value}): every value above 0 is taken "
            f"for one class, {labels.names[0]}",
            cause="many values, counted from 1 without gaps in each picture",
            fix="nothing to do if they are objects of one kind; else declare the classes in a dataset.json",
        )
    elif survey.data.labels is None and labels is not None:
        pairs = [f"{v} -> {i}" for i, v in enumerate(labels.file_values)]
        mapped = any(v != i for i, v in enumerate(labels.file_values))
        yield Problem(
            severity="note",
            check="meaning",
            case="",
            what=f"no labels are declared: the masks hold {listed([str(v) for v in labels.file_values], 12)}"
            + (f", learnt as {listed(pairs, 12)}" if mapped else ""),
            cause="values have gaps; the files stay as they are and predictions carry the values of the files"
            if mapped
            else "",
            fix="to give the classes names, declare them in a dataset.json",
        )
