"""Which part of a scan is kept, and what becomes of labelled voxels beyond it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import DataError
from delineate.core.geometry import Triple
from delineate.core.volume import Volume
from delineate.dataset.crop import Box, joined_box, nonzero_box, turned_box
from delineate.plan.plan import Plan
from delineate.store.masks import mask_box
from delineate.store.trace import Trace, reorient

Flips = tuple[bool, bool, bool]


def kept_box(volume: Volume, plan: Plan, axes: Triple, flips: Flips, labelled_zyx: NDArray[Any] | None = None) -> Box:
    """The box to keep of an array transposed by ``axes`` and flipped, by the plan's crop.

    A "nonzero" box is widened to hold every labelled voxel: all it adds are zeros. A mask's box is not, since training
    would then see what prediction cuts away; see `refuse_cut_labels`.
    """
    shape = volume.geometry.shape
    if plan.crop == "none":
        return turned_box(((0, 0, 0), shape), shape, axes, flips)
    if plan.crop == "nonzero":
        box = nonzero_box(volume.array_czyx)
        if labelled_zyx is not None and labelled_zyx.any():
            box = joined_box(box, nonzero_box(labelled_zyx[None]))
        return turned_box(box, shape, axes, flips)
    return _mask_box(volume, plan)


def refuse_cut_labels(case: str, labelled_zyx: NDArray[Any], trace: Trace, plan: Plan) -> None:
    """Never lose labelled voxels silently.

    Raises:
        DataError: some lie outside of the crop; says how many and which margin would hold them.
    """
    outside = np.count_nonzero(labelled_zyx) - np.count_nonzero(trace.view(labelled_zyx))
    if not outside:
        return
    start, shape = nonzero_box(reorient(labelled_zyx, trace.axes, trace.flips)[None])
    spacing_mm = trace.reoriented.spacing_mm
    before = [(c - s) * mm for c, s, mm in zip(trace.crop_start, start, spacing_mm, strict=True)]
    ends = zip(start, shape, trace.crop_start, trace.crop_shape, spacing_mm, strict=True)
    after = [(s + n - c - m) * mm for s, n, c, m, mm in ends]
    missing_mm = max(*before, *after)
    raise DataError(
        f"{outside} labelled voxels of case {case} lie up to {missing_mm:.0f} mm outside of the {plan.crop} crop",
        "every labelled voxel inside: what is cut away is neither learned nor found",
        f"set prepare.crop_margin_mm={np.ceil(plan.crop_margin_mm + missing_mm):.0f} or more, or prepare.crop=none; "
        "if the mask is wrong there, correct it",
    )


def _mask_box(volume: Volume, plan: Plan) -> Box:
    """Found in canonical orientation, so that it does not depend on how the scan was stored."""
    order, signs = volume.geometry.closest_axes()
    canonical = volume.geometry.transposed(order)
    channels = volume.array_czyx.transpose(0, *(1 + a for a in order))
    steps = tuple(slice(None, None, -1 if f else None) for f in signs)
    start, size = mask_box(channels[(slice(None), *steps)], canonical.spacing_mm, plan.crop, plan.crop_margin_mm)
    a, b, c = plan.axes
    return (start[a], start[b], start[c]), (size[a], size[b], size[c])
