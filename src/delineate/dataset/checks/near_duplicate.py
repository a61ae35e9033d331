"""The same scan in two cases, saved again, shifted, mirrored or cropped a little."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("near_duplicate")
def near_duplicate(survey: Survey) -> Iterator[Problem]:
    """A warning for each pair of patients whose images are nearly the same (equal ones are told by ``duplicate``)."""
    hashes = {f.name: f.voxel_hash for f in survey.facts}
    for one, other in survey.near:
        if hashes[one] != hashes[other]:
            yield Problem(
                severity="warning",
                check="near_duplicate",
                case=f"{one}, {other}",
                what=f"{one} and {other} show nearly the same image",
                cause="one scan saved twice, with other intensities or noise, shifted, mirrored or cropped",
                fix="remove one, or give both the same patient (cases.csv, or --set near_duplicates=group); training "
                "is refused where a fold would train on one and validate on the other",
            )
