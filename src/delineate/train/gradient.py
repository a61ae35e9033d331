"""`Gradient`: what the batches of a step add up to, in as many pieces as the memory of the device wants."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from delineate.core.errors import BudgetError
from delineate.train.job import TrainBatch

_LOG = logging.getLogger(__name__)


class Gradient:
    """Losses and gradients of batches.

    Where a device runs out of memory, the step is done again with every batch in twice as many pieces, and so are all
    steps after it: the weights see the same cases, and only what a loss computes over a whole batch differs. A network
    that normalises over the batch sees smaller ones.
    """

    def __init__(self, net: nn.Module, loss: nn.Module, backward: Callable[[Tensor], None]) -> None:
        self._net, self._loss, self._backward = net, loss, backward
        self.pieces = 1

    def of(self, batches: Sequence[TrainBatch]) -> float:
        """The mean loss of the batches of one step; its gradient is left in the network's parameters.

        Raises:
            BudgetError: not even a single patch fits.
        """
        while True:
            try:
                return sum(self._add(batch, len(batches)) for batch in batches)
            except torch.OutOfMemoryError as error:
                told = str(error)
            # not within the except block: the error holds the frames, and they hold the activations
            self._take_smaller_pieces(max(len(b.label_bx) for b in batches), told)

    def _add(self, batch: TrainBatch, count: int) -> float:
        total, size = 0.0, len(batch.label_bx)
        images, labels = batch.image_bcx.chunk(self.pieces), batch.label_bx.chunk(self.pieces)
        for image_bcx, label_bx in zip(images, labels, strict=True):
            loss = self._loss(self._net(image_bcx), label_bx) / count
            if len(images) > 1:
                loss = loss * (len(label_bx) / size)
            self._backward(loss)
            total += float(loss.detach())
        return total

    def _take_smaller_pieces(self, most: int, told: str) -> None:
        if self.pieces >= most:
            raise BudgetError(
                f"the device has not enough memory for a single patch ({told.splitlines()[0]})",
                "a patch and a network that fit",
                "give less with --memory, or set plan.patch or plan.width smaller; the run can then be begun anew",
            )
        self._net.zero_grad(set_to_none=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.pieces = min(2 * self.pieces, most)
        _LOG.warning("the device ran out of memory: batches now go through it in %d pieces", self.pieces)
