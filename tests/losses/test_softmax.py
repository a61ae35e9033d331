from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.losses.softmax import _sum_by_class, sum_softmax
from delineate.losses.target import Target


def batch(masked, dtype=torch.float64):
    torch.manual_seed(0)
    logits = torch.randn(2, 4, 9, dtype=dtype, requires_grad=True)
    valid = torch.rand(2, 9) > 0.3 if masked else None
    return logits, Target(torch.randint(0, 4, (2, 9)), valid)


def by_autograd(logits, target):
    """The same sums written with a one-hot copy."""
    p = logits.softmax(1)
    one_hot = F.one_hot(target.ids, 4).movedim(-1, 1).to(p.dtype)
    mask = torch.ones_like(target.ids) if target.valid is None else target.valid
    mask = mask[:, None].to(p.dtype)
    surprise = -(logits.log_softmax(1) * one_hot * mask).sum((1, 2))
    return (p * one_hot * mask).sum(2), (p * mask).sum(2), (one_hot * mask).sum(2), surprise


def test_sums_and_gradients_are_those_of_autograd():
    for masked in (False, True):
        logits, target = batch(masked)
        sums = sum_softmax(logits, target)
        mine = (sums.overlap, sums.predicted, sums.true, sums.surprise)
        reference = by_autograd(logits, target)
        pushes = [torch.randn(r.shape, dtype=r.dtype) for r in reference]
        for a, b in zip(mine, reference, strict=True):
            torch.testing.assert_close(a, b)
        (a,) = torch.autograd.grad(sum((m * p).sum() for m, p in zip(mine, pushes, strict=True)), logits)
        (b,) = torch.autograd.grad(sum((m * p).sum() for m, p in zip(reference, pushes, strict=True)), logits)
        torch.testing.assert_close(a, b)


def test_gradients_pass_gradcheck():
    for masked in (False, True):
        logits, target = batch(masked)

        def sums(z, target=target):
            s = sum_softmax(z, target)
            return s.overlap, s.predicted, s.surprise

        assert torch.autograd.gradcheck(sums, (logits,))


def test_sums_by_class():
    torch.manual_seed(0)
    values, ids = torch.rand(2, 50), torch.randint(0, 4, (2, 50))
    expected = [[values[b][ids[b] == c].sum() for c in range(5)] for b in range(2)]
    torch.testing.assert_close(_sum_by_class(values, ids, 5), torch.tensor(expected))
    meta = _sum_by_class(values.to("meta"), ids.to("meta"), 5)
    assert meta.shape == (2, 5)
