"""Masks that mark nothing."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.listing import listed
from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("marked")
def marked(survey: Survey) -> Iterator[Problem]:
    """A warning that names the cases whose mask is empty."""
    labels = survey.labels
    outside = {0} if labels is None else {labels.file_values[0], labels.ignore_value}
    empty = [f.name for f in survey.facts if f.label is not None and not set(f.label.values) - outside]
    if empty and survey.labels is not None:
        yield Problem(
            severity="warning",
            check="marked",
            case=listed(empty, 5),
            what=f"{len(empty)} of {len(survey.data.labelled)} masks mark nothing",
            cause="there is nothing to find in these cases, or the drawing was not saved",
            fix="keep them if there is nothing to find; else add the drawing or remove the case",
        )
