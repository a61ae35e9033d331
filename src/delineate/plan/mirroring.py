"""Which axes training may mirror."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.core.errors import UsageError
from delineate.core.geometry import Triple
from delineate.core.labels import Labels

_CANONICAL = ("z", "y", "x")


def choose_mirror(
    wanted: Sequence[str] | None, labels: Labels, axes: Triple, dims: int, flat: bool, triplanar: bool = False
) -> tuple[tuple[int, ...], str]:
    """The spatial axes of a patch (0 is the first) that may be mirrored, and why.

    ``wanted`` names axes of the scan, None to have it decided; ``flat`` tells pictures and single slices; ``triplanar``
    networks look along every axis, so they mirror all or none.

    Raises:
        UsageError: left and right are classes of their own, x was asked for and they cannot be exchanged.
    """
    if wanted is None:
        if labels.has_sides:
            return (), "left and right are classes of their own"
        return ((0, 1), "pictures have no fixed sides") if flat else ((), "anatomy has sides: mirrored, it is another")
    if "x" in wanted and labels.has_sides and (triplanar or not labels.side_pairs):
        raise UsageError(
            f"mirroring x would turn left into right, and the classes are {', '.join(labels.names)}",
            "plan.mirror without x"
            if triplanar
            else "plan.mirror without x, or for each class with a side one of the same name with the other side",
            "leave plan.mirror to the planner",
        )
    if triplanar and 0 < len(set(wanted)) < 3:
        raise UsageError(
            f"plan.mirror = {', '.join(wanted)} for a network that looks along every axis",
            "none or all of z, y, x",
            "correct plan.mirror",
        )
    prepared = [_CANONICAL[a] for a in axes][3 - dims :]
    return tuple(i for i, name in enumerate(prepared) if name in wanted), "asked for"


def choose_swaps(labels: Labels, mirror_axes: Sequence[int], axes: Triple, dims: int) -> tuple[tuple[int, int], ...]:
    """The ids that change places when a patch is mirrored from left to right; none where x is not mirrored."""
    return labels.side_pairs if axes.index(2) - (3 - dims) in mirror_axes else ()
