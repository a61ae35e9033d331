"""Masks whose voxels are not one integer each: interpolated, lossy, or several channels."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey
from delineate.dataset.checks.readable import LABEL_ERROR


@CHECKS.register("mask_type")
def mask_type(survey: Survey) -> Iterator[Problem]:
    """An error for every such mask."""
    for fact in survey.facts:
        for trouble in fact.troubles:
            if trouble.code == LABEL_ERROR:
                yield Problem(
                    severity="error",
                    check="mask_type",
                    case=fact.name,
                    what=trouble.what,
                    cause=f"expected {trouble.expected}" if trouble.expected else "",
                    fix=trouble.fix,
                )
