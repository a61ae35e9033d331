from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from delineate.config import TrainConfig
from delineate.core.labels import Labels
from delineate.losses.loss import build_loss
from delineate.train.overfit import loss_of_answers, overfit


def learn(kit, steps=60, seconds=60.0, loss=None):
    batch = next(kit.Source().batches(0))
    return overfit(kit.net(), loss or nn.CrossEntropyLoss(), batch, TrainConfig(learning_rate=0.05), steps, seconds)


def test_one_batch_is_learnt(kit):
    losses = learn(kit)
    assert len(losses) == 60 and losses[-1] < 0.2 * losses[0]


def test_the_time_bounds_it_and_one_step_is_always_done(kit):
    assert len(learn(kit, seconds=0.0)) == 1


def test_a_loss_that_is_no_number_ends_it(kit):
    class Broken(nn.Module):
        def forward(self, logits, ids):
            return logits.sum() * math.nan

    assert len(learn(kit, loss=Broken())) == 1


@pytest.mark.parametrize("name", ["dice_ce", "dice", "ce"])
@pytest.mark.parametrize(
    "labels", [Labels.exclusive({1: "a", 2: "b"}), Labels.of_regions({"all": (1, 2), "core": (2,)}, (1, 2))]
)
def test_the_losses_prefer_the_right_answer(name, labels):
    ids = torch.randint(0, 3, (2, 6, 6, 6), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    if labels.regions and name == "ce":
        name = "bce"
    told = loss_of_answers(build_loss(labels, name), labels, ids)
    if name == "ce":  # a third of the voxels is right, for the others -log of exp(-16)
        assert told["background"] == pytest.approx(16 * float((ids > 0).float().mean()), rel=0.01)
    assert told["right"] < 0.05 < min(told["background"], told["wrong"])
