"""Reverse attention, also of several classes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.nets.blocks.reverse_attention import SIDES, Refinement, ReverseStage, left_out


def test_one_channel_is_reversed_as_published():
    logits = torch.randn(2, 1, 3, 4)
    torch.testing.assert_close(left_out(logits), 1 - torch.sigmoid(logits))


def test_background_and_one_class_are_the_published_form_on_their_difference():
    logits = torch.randn(2, 2, 3, 4)
    torch.testing.assert_close(left_out(logits), 1 - torch.sigmoid(logits[:, 1:] - logits[:, :1]))


def test_several_classes_are_one_foreground_and_a_shift_of_all_changes_nothing():
    logits = torch.randn(2, 5, 3, 4, 2)
    rest = logits[:, 1:].logsumexp(1, keepdim=True) - logits[:, :1]
    torch.testing.assert_close(left_out(logits), 1 - torch.sigmoid(rest))
    torch.testing.assert_close(left_out(logits + 3), left_out(logits))


def test_regions_have_no_background():
    logits = torch.tensor([[-4.0, 9.0], [-6.0, -9.0]]).view(1, 2, 2, 1)
    share = left_out(logits, background=False).flatten()
    torch.testing.assert_close(share, torch.sigmoid(torch.tensor([4.0, -9.0])))


@pytest.mark.parametrize("size", [(4, 6), (3, 4, 2)])
def test_what_is_found_already_is_not_looked_at(size):
    stage = ReverseStage(nn.Identity(), nn.Identity())
    x, sure = torch.randn(1, 2, *size), torch.full((1, 2, *size), 40.0)
    sure[:, 0] = -40.0
    torch.testing.assert_close(stage(x, sure), sure)
    torch.testing.assert_close(stage(x, -sure), x - sure)


def test_guidance_of_any_size_is_concatenated():
    seen = []
    body = nn.Identity()
    body.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].shape))
    stage = ReverseStage(nn.Identity(), nn.Sequential(body, nn.LazyConv2d(2, 1)))
    assert stage(torch.randn(1, 3, 5, 4), torch.randn(1, 2, 3, 2), torch.randn(1, 6, 11, 7)).shape == (1, 2, 5, 4)
    assert seen == [(1, 9, 5, 4)]


def test_the_answer_is_the_last_stages_and_not_a_mean():
    stages = [ReverseStage(nn.Identity(), nn.Conv2d(3, 2, 1)) for _ in range(3)]
    maps = [torch.randn(1, 3, n, n) for n in (2, 3, 6)]
    start = torch.randn(1, 2, 6, 6)
    outputs = Refinement(stages)(maps, start)
    assert list(outputs) == ["out", *SIDES] and outputs["coarse"] is start
    assert [o.shape[-1] for o in outputs.values()] == [6, 6, 2, 3]
    torch.testing.assert_close(outputs["out"], stages[2](maps[2], outputs["stage2"]))
