"""Images that are the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("constant")
def constant(survey: Survey) -> Iterator[Problem]:
    """An error for a case without any contrast, a warning for a single channel without."""
    for fact in survey.facts:
        flat = [i for i, c in enumerate(fact.channels) if c.minimum == c.maximum and not c.odd_voxels]
        if not flat:
            continue
        everything = len(flat) == len(fact.channels)
        names = [survey.data.channels[i] if i < len(survey.data.channels) else str(i) for i in flat]
        yield Problem(
            severity="error" if everything else "warning",
            check="constant",
            case=fact.name,
            what=("the image" if everything else f"channel {', '.join(names)}")
            + f" is {fact.channels[flat[0]].minimum:g} everywhere",
            cause="an export that failed" if everything else "a missing sequence filled with one value",
            fix="export the image again or remove the case",
        )
