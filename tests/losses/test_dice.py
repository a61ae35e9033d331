from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.core.labels import Labels
from delineate.losses import build_loss

LABELS = Labels.exclusive({1: "a", 2: "b", 3: "c"}, ignore_value=9)
REGIONS = Labels.of_regions({"whole": (1, 2, 3), "core": (3,)}, order=(1, 3), ignore_value=9)


def by_hand(logits, ids, labels, batch_dice):
    """Soft Dice with loops over patches and classes."""
    z = logits.numpy().astype(np.float64)
    if labels.regions:
        p = 1 / (1 + np.exp(-z))
    else:
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        p = p[:, 1:]
    ids = ids.numpy()
    groups = [list(range(len(ids)))] if batch_dice else [[i] for i in range(len(ids))]
    scores = []
    for group in groups:
        for k, wanted in enumerate(labels.classes):
            inside = np.isin(ids[group], wanted.ids)
            if inside.any():
                probability = p[group, k] * (ids[group] != labels.ignore_id)
                scores.append(2 * probability[inside].sum() / (probability.sum() + inside.sum()))
    return 1 - np.mean(scores)


@pytest.mark.parametrize("labels", [LABELS, REGIONS])
@pytest.mark.parametrize("batch_dice", [False, True])
def test_dice_is_that_of_loops(labels, batch_dice):
    torch.manual_seed(0)
    logits, ids = 3 * torch.randn(3, labels.channels, 4, 5, 6), torch.randint(0, 4, (3, 4, 5, 6))
    ids[1][ids[1] == 3] = 0  # absent from one patch
    ids[2, 0] = labels.ignore_id
    mine = build_loss(labels, "dice", batch_dice=batch_dice)(logits, ids)
    assert mine.item() == pytest.approx(by_hand(logits, ids, labels, batch_dice), abs=1e-5)


@pytest.mark.parametrize("labels", [LABELS, REGIONS])
def test_an_absent_class_neither_rewards_nor_pushes(labels):
    torch.manual_seed(0)
    logits = torch.randn(1, labels.channels, 6, 6, requires_grad=True)
    ids = torch.zeros(1, 6, 6, dtype=torch.long)
    loss = build_loss(labels, "dice")(logits, ids)
    loss.backward()
    assert loss == 0 and not logits.grad.any()

    ids[0, 2:4, 2:4] = 1  # ids 2 and 3 still absent
    others = logits.detach().clone()
    lone = build_loss(labels, "dice")(others, ids)
    if labels.regions:
        others[:, 1] += 3
        assert build_loss(labels, "dice")(others, ids) == lone


def test_one_voxel_of_truth_does_not_explode():
    logits = torch.full((1, 4, 16, 16, 16), -20.0)
    logits[:, 0] = 20
    ids = torch.zeros(1, 16, 16, 16, dtype=torch.long)
    ids[0, 8, 8, 8] = 2
    logits.requires_grad_()
    build_loss(LABELS, "dice_ce")(logits, ids).backward()
    assert logits.grad.abs().sum() < 10
