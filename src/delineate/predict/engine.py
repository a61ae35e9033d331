"""`Engine`: whatever turns windows into logits; torch is one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import torch
from torch import Tensor, nn

from delineate.core.errors import BudgetError


class Engine(Protocol):
    """Answers a batch of windows ``[b, c, (z), y, x]`` float32 with logits ``[b, k, (z), y, x]`` float32."""

    def __call__(self, windows_bcx: Tensor) -> Tensor:
        """Logits of the windows, on the CPU."""
        ...


class TorchEngine:
    """A torch network on a device, in bfloat16 where training found it faster.

    Windows that do not fit the device's memory together are answered in halves.
    """

    def __init__(self, net: nn.Module, device: torch.device | str = "cpu", precision: str = "fp32") -> None:
        self._device = torch.device(device)
        self._net = net.to(self._device).eval()
        self._precision = precision

    @torch.inference_mode()
    def __call__(self, windows_bcx: Tensor) -> Tensor:
        """Logits of the windows, on the CPU.

        Raises:
            BudgetError: not even a single window fits.
        """
        try:
            with self._context():
                logits: Tensor = self._net(windows_bcx.to(self._device))
            return logits.float().cpu()
        except torch.OutOfMemoryError as error:
            told = str(error)
        # not within the except block: the error holds the frames, and they hold the activations
        if len(windows_bcx) == 1:
            raise BudgetError(
                f"the device has not enough memory for a single window ({told.splitlines()[0]})",
                "more memory, or another device",
                "free the device's memory, or predict with --device cpu",
            )
        return torch.cat([self(half) for half in windows_bcx.chunk(2)])

    def _context(self) -> AbstractContextManager[object]:
        if self._precision == "fp32":
            return nullcontext()
        return torch.autocast(self._device.type, torch.bfloat16)
