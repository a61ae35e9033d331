"""Channels that are missing, too many, or on different grids."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.geometry import corner_distance_mm, same_place
from delineate.core.listing import counted
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import CHECKS, Problem, Survey
from delineate.dataset.facts import CaseFacts


@CHECKS.register("channels")
def channels(survey: Survey) -> Iterator[Problem]:
    """An error for every case whose channels are not those of the set, on one grid."""
    for case, fact in survey.pairs:
        if len(fact.head.images) < len(case.images):
            continue  # an unreadable file is told elsewhere
        yield from _count(survey.data, case, fact)
        yield from _grids(case, fact)


def _count(data: Dataset, case: Case, fact: CaseFacts) -> Iterator[Problem]:
    wanted, found = len(data.channels), fact.head.channels
    if wanted == found:
        return
    names = ", ".join(data.channels)
    files = ", ".join(f"{i.path.name} ({i.channels})" for i in fact.head.images) or "no file"
    missing = found < wanted
    yield Problem(
        severity="error",
        check="channels",
        case=case.name,
        what=f"{counted(found, 'channel')} in {files}, {wanted} declared: {names}",
        cause="a sequence of this case is missing"
        if missing
        else "a 4D file (a time series or several echoes) or a picture with more colours than the others",
        fix="add the missing file or remove the case"
        if missing
        else "save one volume per channel, or declare a name for each channel in dataset.json",
    )


def _grids(case: Case, fact: CaseFacts) -> Iterator[Problem]:
    first, *others = fact.head.images or (None,)
    for other in others:
        if first is None or other is None or same_place(first.geometry, other.geometry):
            continue
        distance = corner_distance_mm(first.geometry, other.geometry)
        yield Problem(
            severity="error",
            check="channels",
            case=case.name,
            what=f"{first.path.name} and {other.path.name} lie on different grids: shape {first.geometry.shape} "
            f"against {other.geometry.shape}, corners up to {distance:.3g} mm apart",
            cause="the channels were not registered, or not resampled to one grid",
            fix=f"resample {other.path.name} to the grid of {first.path.name}, for example with `SimpleITK.Resample`",
        )
