"""Files that cannot be opened: missing, truncated, damaged, sheared or of an unknown format."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey

LABEL_ERROR = "E230"


@CHECKS.register("readable")
def readable(survey: Survey) -> Iterator[Problem]:
    """An error for every such file, with what the reader said."""
    for fact in survey.facts:
        for trouble in fact.troubles:
            if trouble.code != LABEL_ERROR:
                yield Problem(
                    severity="error",
                    check="readable",
                    case=fact.name,
                    what=trouble.what,
                    cause=f"{trouble.role} file: expected {trouble.expected}" if trouble.expected else "",
                    fix=trouble.fix or "replace the file or remove the case",
                )
