"""`SoftmaxSums`: the sums over voxels that softmax losses are made of, in one pass and without a one-hot copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from delineate.losses.target import Target


@dataclass(frozen=True)
class SoftmaxSums:
    """Sums ``[b, k]`` of probability where the class is true (``overlap``), of probability (``predicted``) and of
    voxels (``true``), and ``surprise`` ``[b]``, the sum of -log probability of the true class; valid voxels only."""

    overlap: torch.Tensor
    predicted: torch.Tensor
    true: torch.Tensor
    surprise: torch.Tensor


def sum_softmax(logits: torch.Tensor, target: Target) -> SoftmaxSums:
    """Of logits ``[b, k, n]`` in float32; differentiable once."""
    return SoftmaxSums(*_SoftmaxSums.apply(logits, target.ids, target.valid))


class _SoftmaxSums(torch.autograd.Function):
    """Keeps the probabilities alone for the backward pass: with autograd, each step would keep its own copy."""

    @staticmethod
    def forward(
        ctx: Any, logits: torch.Tensor, ids: torch.Tensor, valid: torch.Tensor | None
    ) -> tuple[torch.Tensor, ...]:
        at = ids[:, None]
        log_p = torch.log_softmax(logits, 1)
        surprise = -log_p.gather(1, at)
        p = log_p.exp_()
        hit = p.gather(1, at)
        ones = torch.ones_like(hit)
        if valid is not None:
            surprise, hit, ones = (part.mul_(valid[:, None]) for part in (surprise, hit, ones))
        predicted = p.sum(2) if valid is None else (p * valid[:, None]).sum(2)
        overlap, true = (_sum_by_class(part[:, 0], ids, p.shape[1]) for part in (hit, ones))
        ctx.save_for_backward(p, ids, valid)
        ctx.mark_non_differentiable(true)
        return overlap, predicted, true, surprise.sum((1, 2))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, None, None]:
        g_overlap, g_predicted, _, g_surprise = grads
        p, ids, valid = ctx.saved_tensors
        at = ids[:, None]
        # gain of the true class's probability: p_t * dL/d overlap_t
        gain = p.gather(1, at) * g_overlap.gather(1, ids)[:, None]
        pull = (p * g_predicted[:, :, None]).sum(1, keepdim=True) + gain
        surprise = g_surprise[:, None, None]
        grad = p * (g_predicted[:, :, None] + surprise - pull)
        grad.scatter_add_(1, at, gain - surprise)
        if valid is not None:
            grad *= valid[:, None]
        return grad, None, None


def _sum_by_class(values: torch.Tensor, ids: torch.Tensor, classes: int) -> torch.Tensor:
    """Sums ``[b, classes]`` of ``values`` ``[b, n]`` by their ids."""
    if values.device.type == "cpu":
        return values.new_zeros(len(values), classes).scatter_add(1, ids, values)
    # a GPU would queue up at the few sums, and add in another order every time
    return torch.stack([(values * (ids == c)).sum(1) for c in range(classes)], 1)
