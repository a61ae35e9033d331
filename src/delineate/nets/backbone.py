"""`BACKBONES`: encoders by name, what is known about each, and how one is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.core.record import Record
from delineate.core.registry import Registry
from delineate.nets.nd import check_dims


class BackboneCard(Record):
    """Who invented a backbone and what it can do.

    ``strides`` are the output strides it can have (the last map is so much smaller than the input); ``weights`` says
    whose weight files have its parameter names, and ``small`` are options of a variant that is quick to try. The rest
    as in `NetCard`.
    """

    title: str
    paper: str
    dims: tuple[int, ...] = (2, 3)
    strides: tuple[int, ...] = (32,)
    weights: str = ""
    small: dict[str, Any] = {}
    differs: str = ""
    verified: str = ""


class Backbone(Protocol):
    """A module from images to maps, finest first; ``channels`` and ``strides`` tell of each map."""

    channels: tuple[int, ...]
    strides: tuple[int, ...]

    def __call__(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in_channels, *size]`` to maps ``[b, channels[i], *ceil(size / strides[i])]``."""


Builder = Callable[..., nn.Module]
"""``(dims, in_channels, output_stride, **options)`` to a `Backbone`."""


@dataclass(frozen=True)
class BackboneEntry:
    """A backbone of the registry."""

    name: str
    card: BackboneCard
    builder: Builder


BACKBONES: Registry[BackboneEntry] = Registry("backbone", "delineate.nets.backbones")


def backbone(name: str, card: BackboneCard) -> Callable[[Builder], Builder]:
    """The decorator that adds a backbone to `BACKBONES`."""

    def add(builder: Builder) -> Builder:
        BACKBONES.register(name)(BackboneEntry(name, card, builder))
        return builder

    return add


def build_backbone(
    name: str, dims: int, in_channels: int, output_stride: int = 32, options: Mapping[str, Any] | None = None
) -> nn.Module:
    """A backbone of the registry with fresh weights.

    Raises:
        UnknownNameError: no such backbone.
        UsageError: dims, an output stride or an option it does not have or cannot have so, or no input channels.
    """
    entry = BACKBONES[name]
    if in_channels < 1:
        raise UsageError(f"a backbone of {in_channels} input channels", "at least one")
    if check_dims(dims) not in entry.card.dims:
        raise UsageError(
            f"the backbone {name!r} in {dims}D", f"dims of {' or '.join(map(str, entry.card.dims))}", "choose another"
        )
    if output_stride not in entry.card.strides:
        raise UsageError(
            f"the backbone {name!r} with an output stride of {output_stride}",
            "one of " + ", ".join(map(str, entry.card.strides)),
            "choose another backbone or stride",
        )
    try:
        return entry.builder(dims, in_channels, output_stride, **(options or {}))
    except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        if not options:
            raise
        unknown = re.search(r"unexpected keyword argument ('\w+')", str(error))
        if unknown and unknown[1].strip("'") in options:
            raise UsageError(
                f"the backbone {name!r} has no option {unknown[1]}", "options of its class", "remove it"
            ) from error
        told = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise UsageError(
            f"the backbone {name!r} cannot be built with {told}: {error}", "values it can take", "correct the option"
        ) from error
