"""A case as arrays: its channels stacked, its mask as ids on the same grid."""

from __future__ import annotations

import numpy as np

from delineate.core.errors import GeometryError, LabelError
from delineate.core.geometry import Geometry, corner_distance_mm, same_place
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.dataset.case import Case
from delineate.formats import read_label, read_volume


def read_case(case: Case, labels: Labels | None) -> tuple[Volume, Volume | None]:
    """The image ``[channel, z, y, x]`` float32 and the mask ``[1, z, y, x]`` of ids on the image's own grid.

    The mask is None where the case has none or ``labels`` is None. The header is that of the first channel's file.

    Raises:
        FormatError: a file cannot be read.
        GeometryError: channels, or image and mask, lie on different grids; the message says how they differ.
        LabelError: mask values that were not declared.
    """
    image = _read_image(case)
    if case.label is None or labels is None:
        return image, None
    label = read_label(case.label)
    _require_same_place(case, f"label {case.label.name}", label.geometry, image.geometry)
    try:
        ids = labels.encode(label.array_czyx)
    except LabelError as error:
        raise LabelError(f"case {case.name}: {error.what}", error.expected, error.fix) from error
    return image, Volume(ids, image.geometry, label.header)


def _read_image(case: Case) -> Volume:
    """All channels as float32. What the files hold is gone when it returns, before the mask is read."""
    volumes = [read_volume(path) for path in case.images]
    first = volumes[0]
    for path, volume in zip(case.images[1:], volumes[1:], strict=True):
        _require_same_place(case, f"channel {path.name}", volume.geometry, first.geometry)
    return first.with_array(np.concatenate([v.array_czyx for v in volumes], dtype=np.float32, casting="unsafe"))


def _require_same_place(case: Case, what: str, found: Geometry, wanted: Geometry) -> None:
    if not same_place(found, wanted):
        raise GeometryError(
            f"case {case.name}: {what} is not on the grid of {case.images[0].name}: {_difference(found, wanted)}",
            "one shape, and corners at most half a voxel apart",
            "run `delineate check` to see which cases differ and how; resample the file onto the image's grid",
        )


def _difference(found: Geometry, wanted: Geometry) -> str:
    if found.shape != wanted.shape:
        return f"its shape is {found.shape}, not {wanted.shape} (z, y, x)"
    return f"its corners lie up to {corner_distance_mm(found, wanted):.3g} mm away"
