"""Where to compute, and in which precision: measured, not assumed."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from delineate.core.errors import UsageError

_TURNS = 3
_CLEARLY = 0.9


def choose_device(wanted: str) -> torch.device:
    """``auto`` takes a GPU where there is one.

    Raises:
        UsageError: the device asked for is not here.
    """
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return torch.device(next(name for name, here in available.items() if here))
    if not available[wanted]:
        raise UsageError(
            f"--device {wanted} was asked for, but torch sees none",
            f"one of {', '.join(n for n, here in available.items() if here)}",
            "run `delineate env` to see why",
        )
    return torch.device(wanted)


def make_fabric(device: torch.device, precision: str) -> Fabric:
    """One device in ``bf16`` or ``fp32``; Fabric moves, casts and scales."""
    accelerator = {"cuda": "cuda", "mps": "mps"}.get(device.type, "cpu")
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it announces its precision at every turn
    names: dict[str, Any] = {"bf16": "bf16-mixed", "fp32": "32-true"}
    return Fabric(accelerator=accelerator, devices=1, precision=names[precision])


def choose_precision(wanted: str, device: torch.device, seconds: Callable[[str], float]) -> str:
    """``auto`` takes bfloat16 where a step in it, timed by ``seconds``, is faster than in float32.

    On a processor the two are timed in turns and each counts with its best: other programs come and go, and what is
    settled here holds for hours. Where bfloat16 is clearly faster one look is enough.
    """
    if wanted != "auto":
        return wanted
    if not has_bf16(device):
        return "fp32"
    if device.type == "cuda":
        return "bf16"
    bf16_s = fp32_s = math.inf
    for _ in range(_TURNS):
        bf16_s, fp32_s = min(bf16_s, seconds("bf16")), min(fp32_s, seconds("fp32"))
        if bf16_s < _CLEARLY * fp32_s:
            break
    return "bf16" if bf16_s < fp32_s else "fp32"


def has_bf16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 natively."""
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else device.type == "cpu" and cpu_has_bf16()


def cpu_has_bf16() -> bool:
    """Whether this processor computes in bfloat16 natively; others emulate it slowly."""
    capability = getattr(torch.backends.cpu, "get_cpu_capability", lambda: "")()
    if capability == "":
        return False
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def time_step(
    fabric: Fabric, net: nn.Module, loss: nn.Module, image_bcx: Tensor, label_bx: Tensor, repeats: int = 2
) -> float:
    """Seconds of one forward and backward pass, the best of ``repeats`` after a warm-up; the weights stay."""
    device = image_bcx.device
    best = float("inf")
    net.train()
    for trial in range(repeats + 1):
        start = time.perf_counter()
        with fabric.autocast():
            outputs = net(image_bcx)
        loss(outputs, label_bx).backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        elif device.type == "mps":
            torch.mps.synchronize()
        if trial or elapsed_long(start):
            best = min(best, time.perf_counter() - start)
        if elapsed_long(start):
            break
    for parameter in net.parameters():
        parameter.grad = None
    return best


def elapsed_long(start: float) -> bool:
    """A step of over three seconds needs no second opinion."""
    return time.perf_counter() - start > 3.0
