"""Optimisers by name, and the moving average of the weights."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from delineate.config import TrainConfig
from delineate.nets.net import NetCard

_RATE = {"adamw": 2e-3, "sgd": 1e-2}
_DECAY = {"adamw": 1e-2, "sgd": 3e-5}


def build_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter 2019) or SGD with Nesterov momentum 0.99 (Isensee et al. 2021).

    Weight decay spares biases and the scales of normalisation: they have nothing to overfit with.
    """
    rate = config.learning_rate or _RATE[config.optimizer]
    decay = _DECAY[config.optimizer] if config.weight_decay is None else config.weight_decay
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.99, nesterov=True)
    return torch.optim.AdamW(groups, lr=rate)


def base_rate(config: TrainConfig) -> float:
    """The learning rate at the top of the schedule."""
    return config.learning_rate or _RATE[config.optimizer]


def at_rate_of(card: NetCard, config: TrainConfig) -> TrainConfig:
    """The knobs with the learning rate that the card of a network asks for, unless a person set one."""
    if config.learning_rate or config.optimizer != "adamw" or card.learning_rate is None:
        return config
    return config.model_copy(update={"learning_rate": card.learning_rate})


class MovingAverage:
    """An exponential moving average of weights (Polyak & Juditsky 1992), warmed up so that early steps count less."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights = {k: v.detach().clone() for k, v in net.state_dict().items()}

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        """Take in the weights after ``step`` steps."""
        decay = min(self.decay, (1 + step) / (10 + step))
        own: list[Tensor] = []
        new: list[Tensor] = []
        for name, value in net.state_dict().items():
            if value.is_floating_point():
                own.append(self.weights[name])
                new.append(value.detach())
            else:
                self.weights[name].copy_(value)
        torch._foreach_lerp_(own, new, 1 - decay)

    def load(self, weights: dict[str, Tensor]) -> None:
        """Continue from stored weights."""
        for name, value in self.weights.items():
            value.copy_(weights[name])


def pack_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's state as named tensors: ``optimizer.<parameter number>.<name>``."""
    packed = {}
    for number, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if value is not None:
                packed[f"optimizer.{number}.{name}"] = torch.as_tensor(value)
    return packed


def unpack_optimizer(optimizer: torch.optim.Optimizer, tensors: Iterable[tuple[str, Tensor]]) -> None:
    """Put back what `pack_optimizer` took."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors:
        _, number, name = key.split(".", 2)
        state.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
