"""What the headers of the masks tell before a voxel is read: whose grids differ, and what measuring takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from delineate.core.errors import BudgetError, GeometryError
from delineate.core.geometry import Geometry, corner_distance_mm, same_place
from delineate.core.listing import listed
from delineate.core.memory import fitting, tree_bytes
from delineate.core.units import show_memory
from delineate.evaluate.maskpair import MaskPair
from delineate.formats import read_info

_READ = 1.6
"""Part of a file is there twice while it is unpacked (measured)."""
_MEASURE_BYTES = 20
"""Of each voxel while all metrics are measured in a box as large as the image, the two maps apart. Measured: 10 for
slabs, 19 for a ball as wide as the image; the most is taken by numbering pieces and by listing borders. Foam, which has
surface everywhere, takes 27."""
_LIBRARIES_BYTES = 60 * 1024**2


@dataclass(frozen=True)
class LookAhead:
    """The grid that each prediction is stretched over before it is brought to the truth's, by case (only of those that
    differ), how many ``workers`` fit, and the peak of the process to be expected."""

    elsewhere: dict[str, Geometry]
    workers: int
    expected_bytes: int


def look_ahead(pairs: Sequence[MaskPair], resample: bool, workers: int, budget_bytes: int | None = None) -> LookAhead:
    """Read the headers of all pairs.

    Raises:
        GeometryError: prediction and truth lie on different grids and shall not be resampled; all are named.
        BudgetError: a case does not fit the budget alone; the largest is named.
        FormatError: a header that cannot be read.
    """
    elsewhere: dict[str, Geometry] = {}
    complaints: list[str] = []
    sizes: list[int] = []
    for pair in pairs:
        infos = [read_info(path) for path in pair.files]
        sizes.append(sum(_bytes(i.geometry, i.dtype) for i in infos))
        predicted, true = infos[0].geometry, infos[-1].geometry
        if not same_place(predicted, true):
            pictures = all(i.kind == "picture" for i in infos)
            # a picture has no place in the world: one of another size shows the same
            elsewhere[pair.case] = true.resampled(predicted.shape) if pictures else predicted
            complaints.append(_told(pair, predicted, true))
    if complaints and not resample:
        raise GeometryError(
            "; ".join(complaints[:5]) + (f"; and {len(complaints) - 5} more cases" if len(complaints) > 5 else ""),
            "masks on one grid",
            "predict on the scan's own grid, or add --resample: predictions are brought to the truth's grid",
        )
    return LookAhead(elsewhere, *_workers(pairs, sizes, workers, budget_bytes))


def _workers(
    pairs: Sequence[MaskPair], sizes: Sequence[int], workers: int, budget_bytes: int | None
) -> tuple[int, int]:
    own = tree_bytes() + _LIBRARIES_BYTES
    if budget_bytes is not None:
        room = budget_bytes - own
        large = [p.case for p, size in zip(pairs, sizes, strict=True) if size > room]
        if large:
            need = show_memory(own + max(sizes))
            raise BudgetError(
                f"measuring {listed(large)} takes {need}, and {show_memory(budget_bytes)} may be used",
                f"at least {need}",
                "give more with --memory, or measure the large cases elsewhere",
            )
        workers = max(1, min(workers, fitting(sizes, room)))
    return workers, own + sum(sorted(sizes)[-workers:])


def _bytes(grid: Geometry, dtype: np.dtype[np.generic]) -> int:
    return int(np.prod(grid.shape) * (_READ * np.dtype(dtype).itemsize + _MEASURE_BYTES / 2))


def _told(pair: MaskPair, predicted: Geometry, true: Geometry) -> str:
    if predicted.shape != true.shape:
        return f"{pair.prediction} has shape {predicted.shape}, {pair.truth} has {true.shape}"
    return f"{pair.prediction} and {pair.truth} lie {corner_distance_mm(predicted, true):.2f} mm apart"
