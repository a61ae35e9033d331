"""`Pair`: a published definition and our own, and how both are run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass(frozen=True)
class Side:
    """A network and how it is run, to a list of outputs."""

    net: nn.Module
    run: Callable[[nn.Module, Any], Sequence[torch.Tensor]] = lambda net, x: _several(net(x))

    def __call__(self, x: Any) -> list[torch.Tensor]:
        """Outputs of an image, or of maps where the network is a head."""
        return list(self.run(self.net, x))


@dataclass(frozen=True)
class Pair:
    """``build`` makes theirs and ours. ``order`` are starts of names of their layers, in the order in which ours are
    called, where theirs are called in another. ``maps`` are channels of a head's inputs, all of one size."""

    ours: str
    package: str
    reference: str
    build: Callable[[], tuple[Side, Side]]
    sizes: tuple[tuple[int, ...], ...] = ((64, 96), (65, 47))
    order: tuple[str, ...] = ()
    remark: str = ""
    channels: int = 3
    maps: tuple[int, ...] = ()

    def images(self, size: tuple[int, ...]) -> Any:
        """Random ones."""
        if not self.maps:
            return torch.randn(1, self.channels, *size, dtype=torch.float64)
        return [torch.randn(1, c, *size, dtype=torch.float64) for c in self.maps]


def _several(out: Any) -> list[torch.Tensor]:
    return list(out) if isinstance(out, list | tuple) else [out]
