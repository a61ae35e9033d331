"""Schemes that bring a channel's intensities to a common scale, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import PlanError, UnknownNameError
from delineate.core.registry import Registry
from delineate.plan.plan import Normaliser
from delineate.plan.windows import window_numbers

Array = NDArray[np.float32]


class Scheme(ABC):
    """A way to normalise one channel.

    ``needs`` are the numbers the plan must give, of which those that are ``positive`` must be above 0 and those that
    are ``rising`` must not fall from one to the next; ``keeps_zero`` asks that voxels that were exactly 0 in the scan
    still are after resampling, because 0 means "nothing measured here".
    """

    needs: ClassVar[tuple[str, ...]] = ()
    positive: ClassVar[tuple[str, ...]] = ()
    rising: ClassVar[tuple[str, ...]] = ()
    keeps_zero: ClassVar[bool] = False

    @abstractmethod
    def apply(self, channel_zyx: Array, numbers: Mapping[str, float]) -> Array:
        """The normalised channel, float32 of the same shape, always finite; the input may be overwritten."""


NORMALISERS: Registry[type[Scheme]] = Registry("normaliser", "delineate.store.normalise")


def scheme_of(normaliser: Normaliser) -> Scheme:
    """The scheme a plan names.

    Raises:
        UnknownNameError: no scheme has that name.
        PlanError: the plan lacks a number the scheme needs, or has one that it cannot compute with.
    """
    scheme, numbers = NORMALISERS[normaliser.name], normaliser.numbers
    lacking = [n for n in scheme.needs if n not in numbers]
    if lacking:
        raise _wrong_numbers(normaliser, f"lacks {', '.join(lacking)}", "the numbers " + ", ".join(scheme.needs))
    for name in scheme.positive:
        if not np.float32(numbers[name]) > 0:
            raise _wrong_numbers(normaliser, f"has {name} = {numbers[name]:g}", "a number above 0")
    for low, high in pairwise(scheme.rising):
        if not numbers[low] <= numbers[high]:
            what = f"has {low} = {numbers[low]:g} and {high} = {numbers[high]:g}"
            raise _wrong_numbers(normaliser, what, f"a {low} that is not above {high}")
    return scheme()


def _wrong_numbers(normaliser: Normaliser, what: str, expected: str) -> PlanError:
    return PlanError(
        f"the normaliser {normaliser.name} {what}", expected, "correct plan.json, or delete it to have it made anew"
    )


def refuse_unknown_normaliser(wanted: str | tuple[str, ...] | None) -> None:
    """See to it that what a person asked for exists, before any work.

    Raises:
        UnknownNameError: no scheme or no window has that name; those there are are listed.
    """
    for text in (wanted,) if isinstance(wanted, str) else wanted or ():
        name, _, preset = text.partition(":")
        _ = NORMALISERS[name]
        if name == "window":
            window_numbers(preset)
        elif preset:
            raise UnknownNameError(
                f"the normaliser {name} has no preset {preset!r}", f"{name} alone", f"write plan.normaliser={name}"
            )


def mean_and_std(values: NDArray[np.float32]) -> tuple[float, float]:
    """Mean and standard deviation in double precision, block by block so that no large copy is made.

    The deviation of a constant is exactly 0, rounding left out; no values at all give (0, 0).
    """
    flat = values.reshape(-1)
    if flat.size == 0:
        return 0.0, 0.0
    mean = float(flat.mean(dtype=np.float64))
    blocks = (flat[i : i + _BLOCK] for i in range(0, flat.size, _BLOCK))
    std = float(np.sqrt(sum(np.square(b - mean, dtype=np.float64).sum() for b in blocks) / flat.size))
    return mean, (std if std > 1e-6 * abs(mean) else 0.0)


def z_score(channel_zyx: Array, mean: float, std: float) -> Array:
    """``(x - mean) / std`` in place; zeros where ``std`` is 0, since a constant tells nothing."""
    if std == 0:
        channel_zyx[...] = 0
        return channel_zyx
    channel_zyx -= np.float32(mean)
    channel_zyx /= np.float32(std)
    return channel_zyx


_BLOCK = 1 << 20
