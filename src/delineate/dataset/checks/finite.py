"""NaN and infinity in images."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.listing import counted
from delineate.dataset.check import CHECKS, Problem, Survey


@CHECKS.register("finite")
def finite(survey: Survey) -> Iterator[Problem]:
    """An error for every channel that holds some: one such voxel makes the whole network NaN."""
    for case, fact in survey.pairs:
        for number, channel in enumerate(fact.channels):
            if channel.odd_voxels:
                names = survey.data.channels
                name = names[number] if number < len(names) else str(number)
                yield Problem(
                    severity="error",
                    check="finite",
                    case=case.name,
                    what=f"NaN or infinite values in {counted(channel.odd_voxels, 'voxel')} of channel {name}",
                    cause="a division by zero or a resampling beyond the border when the image was made",
                    fix="write the background value there instead (numpy.nan_to_num), or make the image anew",
                )
