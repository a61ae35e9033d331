"""Which values the masks hold, and what labels they mean where nobody says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from delineate.core.errors import LabelError
from delineate.core.labels import Labels
from delineate.core.listing import listed
from delineate.formats import read_label

_MOST_VALUES = 1000

Values = frozenset[int]


def values_of(path: Path) -> Values:
    """The values of a mask but 0.

    Raises:
        LabelError: so many that it cannot be a mask; or values that are not whole.
        FormatError: a file that cannot be read.
    """
    array = read_label(path).array_czyx
    held = frozenset(int(v) for plane in array[0] for v in np.unique(plane)) - {0}
    if len(held) > _MOST_VALUES:
        raise LabelError(f"{path} holds {len(held)} values", "a mask", "is it a scan by mistake?")
    return held


def labels_of(values: Iterable[Values]) -> Labels:
    """One class per value.

    Raises:
        LabelError: there is none, or more than a set of masks can mean.
    """
    every = sorted(frozenset().union(*values))
    if not every:
        raise LabelError("nothing but background in any mask", "at least one labelled voxel", "check the two paths")
    if len(every) > _MOST_VALUES:
        raise LabelError(f"the masks hold {len(every)} values", "masks", "are there scans among them by mistake?")
    if len(every) == 1:
        return Labels.exclusive({every[0]: "foreground"})
    return Labels.exclusive({v: f"label {v}" for v in every})


def one_sided(predicted: Iterable[Values], true: Iterable[Values]) -> tuple[str, ...]:
    """What to tell of values that stand in predictions or in truths only."""
    found, wanted = (frozenset().union(*side) for side in (predicted, true))
    sides: tuple[tuple[Sequence[int], str], ...] = (
        (sorted(found - wanted), "predictions"),
        (sorted(wanted - found), "truth"),
    )
    return tuple(f"only in the {where}: {listed([f'label {v}' for v in values])}" for values, where in sides if values)
