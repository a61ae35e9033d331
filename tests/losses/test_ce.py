from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.core.labels import Labels
from delineate.losses import build_loss

LABELS = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)


def test_cross_entropy_is_torchs():
    torch.manual_seed(0)
    logits, ids = 3 * torch.randn(2, 3, 4, 5, 6), torch.randint(0, 3, (2, 4, 5, 6))
    loss = build_loss(LABELS, "ce")
    torch.testing.assert_close(loss(logits, ids), F.cross_entropy(logits, ids))
    ids[0, :2] = LABELS.ignore_id
    torch.testing.assert_close(loss(logits, ids), F.cross_entropy(logits, ids, ignore_index=LABELS.ignore_id))


def test_gradient_is_torchs():
    torch.manual_seed(0)
    ids = torch.randint(0, 3, (2, 4, 5))
    ids[0, :2] = LABELS.ignore_id
    grads = []
    for loss in (build_loss(LABELS, "ce"), lambda z, t: F.cross_entropy(z, t, ignore_index=LABELS.ignore_id)):
        torch.manual_seed(1)
        logits = torch.randn(2, 3, 4, 5, requires_grad=True)
        loss(logits, ids).backward()
        grads.append(logits.grad)
    torch.testing.assert_close(*grads)
