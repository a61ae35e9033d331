"""What a network costs: its parameters, and the multiply-adds of one forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from delineate.core.record import Record
from delineate.nets.net import build_net, count_parameters


class NetCost(Record):
    """``multiply_adds`` of one forward pass over a patch, batch 1, in use and not in training; None where they cannot
    be counted. Profilers that count multiplications and additions apart report twice that."""

    parameters: int
    multiply_adds: int | None


def count_cost(
    name: str, dims: int, in_channels: int, out_channels: int, options: Mapping[str, Any], patch: Sequence[int]
) -> NetCost:
    """Count by running the network on tensors without content: no memory is taken and nothing is computed.

    Convolutions, transposed convolutions, matrix products and attention are counted; norms and activations are not.
    """
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        net = build_net(name, dims, in_channels, out_channels, options).eval()
        image = torch.empty((1, in_channels, *patch))
    parameters = count_parameters(net)
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            net(image)
    except (NotImplementedError, RuntimeError):  # a layer that looks at values, or that no counting rule knows
        return NetCost(parameters=parameters, multiply_adds=None)
    return NetCost(parameters=parameters, multiply_adds=counter.get_total_flops() // 2)
