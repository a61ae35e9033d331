"""A network on one batch again and again: what cannot learn that by heart cannot learn at all."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from delineate.config import TrainConfig
from delineate.core.labels import Labels
from delineate.train.gradient import Gradient
from delineate.train.job import TrainBatch
from delineate.train.optim import base_rate, build_optimizer

_SURE = 8.0
"""Logits of an answer that is sure of itself."""


def overfit(
    net: nn.Module, loss: nn.Module, batch: TrainBatch, config: TrainConfig, steps: int, seconds: float
) -> list[float]:
    """Train on one batch at the full learning rate for ``steps``, or as many as ``seconds`` allow (one at least); the
    loss of each step. A loss that is no number ends it."""
    optimizer, losses = build_optimizer(net, config), list[float]()
    gradient = Gradient(net, loss, lambda value: value.backward())
    for group in optimizer.param_groups:
        group["lr"] = base_rate(config)
    net.train()
    end = time.monotonic() + seconds
    while len(losses) < steps and (not losses or time.monotonic() < end):
        losses.append(gradient.of([batch]))
        if not torch.isfinite(torch.tensor(losses[-1])):
            break
        torch.nn.utils.clip_grad_norm_(net.parameters(), config.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return losses


def loss_of_answers(loss: nn.Module, labels: Labels, ids: Tensor) -> dict[str, float]:
    """The loss of the right answer, of background everywhere, and of the opposite of the right one, for ids ``[b,
    *size]``."""
    true = _channels(labels, ids)
    nothing = torch.zeros_like(true)
    if not labels.regions:
        nothing[:, 0] = True
    answers = {"right": true, "background": nothing, "wrong": ~true}
    return {name: float(loss(torch.where(one, _SURE, -_SURE), ids)) for name, one in answers.items()}


def _channels(labels: Labels, ids: Tensor) -> Tensor:
    """``[b, k, *size]``: which channels are on in the right answer."""
    if labels.regions:
        return torch.stack([torch.isin(ids, torch.tensor(c.ids, device=ids.device)) for c in labels.classes], dim=1)
    return torch.stack([ids == k for k in range(labels.channels)], dim=1)
