"""`exactly`: arithmetic in float32, whatever the precision around it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def exactly(x: torch.Tensor) -> AbstractContextManager[object]:
    """A context in which autocast is off on the device of ``x``; tensors without content have no autocast."""
    return nullcontext() if x.device.type == "meta" else torch.autocast(x.device.type, enabled=False)
