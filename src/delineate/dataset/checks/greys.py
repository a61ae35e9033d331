"""Soft (anti-aliased) borders in masks."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("greys")
def greys(survey: Survey) -> Iterator[Problem]:
    """An error for every mask whose values between background and foreground only stand at borders."""
    for fact in survey.facts:
        if fact.label is None or not fact.label.greys:
            continue
        examples = ", ".join(f"{v} ({fact.label.count(v)} voxels)" for v in fact.label.greys[:5])
        yield Problem(
            severity="error",
            check="greys",
            case=fact.name,
            what=f"the mask has {len(fact.label.greys)} grey values between {fact.label.values[0]} and "
            f"{fact.label.values[-1]}, only along borders: {examples}",
            cause="it was drawn with a soft brush, or scaled with interpolation",
            fix="set every voxel to the nearer of the two values (a threshold in the middle) and save it losslessly",
        )
