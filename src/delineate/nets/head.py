"""`HEADS`: what turns a backbone's maps into logits, by name, so that any head fits any backbone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from delineate.core.registry import Registry

HeadBuilder = Callable[..., nn.Module]
"""``(dims, channels, out_channels, **options)`` to a module from maps (finest first, ``channels`` of each) to logits.

The logits ``[b, out_channels, *size]`` have the size of one of the maps; a head with auxiliary outputs has an attribute
``auxiliaries`` and gives, in training, a dict with ``out`` and the others by name. Its docstring names the paper.
"""

HEADS: Registry[HeadBuilder] = Registry("head", "delineate.nets.heads")


def build_head(
    name: str, dims: int, channels: Sequence[int], out_channels: int, options: Mapping[str, Any] | None = None
) -> nn.Module:
    """A head of the registry for maps of so many ``channels``, finest first.

    Raises:
        UnknownNameError: no such head.
        UsageError: it does not fit so few maps, or these dims.
    """
    return HEADS[name](dims, tuple(channels), out_channels, **(options or {}))
