"""What any network takes, found by running it on tensors without content: nothing is computed and no memory is used."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from delineate.core.price import Price
from delineate.nets.net import build_net, count_parameters


class LiveNumbers(TorchDispatchMode):
    """Counts the numbers in tensors that operations made and that are still alive; ``peak`` is the most at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._known: weakref.WeakSet[torch.UntypedStorage] = weakref.WeakSet()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run the operation and look at what it gave; what it was given was there before, or is known."""
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, torch.Tensor):
                self._known.add(tensor.untyped_storage())
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self._see(tensor)
        return out

    def _see(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage in self._known:
            return
        self._known.add(storage)
        numbers = storage.nbytes() // tensor.element_size()
        self.now += numbers
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, numbers)

    def _forget(self, numbers: int) -> None:
        self.now -= numbers


class Pricer:
    """Prices patches of one network of the registry."""

    def __init__(
        self, name: str, dims: int, in_channels: int, out_channels: int, options: Mapping[str, Any] | None = None
    ) -> None:
        with torch.device("meta"):
            self._net = build_net(name, dims, in_channels, out_channels, options)
        self._in_channels = in_channels

    def __call__(self, patch: Sequence[int]) -> Price:
        """The price of a patch of these edges, batch 1; see `Price`."""
        image = torch.empty((1, self._in_channels, *patch), device="meta")
        kept = self._kept(image)
        flops, forward = self._answering(image)
        return Price(flops=flops, activations=kept, parameters=count_parameters(self._net), forward=forward)

    def _kept(self, image: torch.Tensor) -> int:
        """Numbers kept for the backward pass, outputs included."""
        self._net.train()
        with LiveNumbers() as live:
            outputs = self._net(image)
            kept = live.now + image.numel()
        del outputs
        return kept

    def _answering(self, image: torch.Tensor) -> tuple[int, int]:
        """Multiply-adds of an answer, and the numbers alive at once."""
        self._net.eval()
        with torch.no_grad(), LiveNumbers() as live, FlopCounterMode(display=False) as counter:
            self._net(image)
        return counter.get_total_flops() // 2, live.peak + image.numel()
