"""Cases without a mask."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.listing import listed
from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("paired")
def paired(survey: Survey) -> Iterator[Problem]:
    """An error where no case has a mask, else a warning that names those without."""
    bare = [c.name for c in survey.data.cases if c.label is None]
    if not survey.data.labelled:
        yield Problem(
            severity="error",
            check="paired",
            case="",
            what=f"none of {len(survey.data.cases)} cases has a mask",
            cause="the masks are elsewhere, or their names do not follow those of the images",
            fix="put the masks beside the images (folders images/ and labels/ with the same names)",
        )
    elif bare:
        yield Problem(
            severity="warning",
            check="paired",
            case=listed(bare, 5),
            what=f"{len(bare)} of {len(survey.data.cases)} cases have no mask and are left out of training",
            cause="not labelled yet, or the name of the mask does not follow the image's",
            fix="add the masks, or ignore this",
        )
