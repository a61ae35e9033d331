from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head
from delineate.nets.heads.psanet import spread


def naive(scores, mask, distribute):
    """Loop over all pairs of places, from the paper's definition."""
    b, _, h, w = scores.shape
    out = torch.full((b, h * w, h * w), -torch.inf)
    half = mask // 2
    for n in range(b):
        for y in range(h):  # here: who predicted
            for x in range(w):
                for v in range(h):  # there: who is spoken of
                    for u in range(w):
                        row, column = v - y + half, u - x + half
                        if 0 <= row < mask and 0 <= column < mask:
                            value = scores[n, row * mask + column, y, x]
                            here, there = y * w + x, v * w + u
                            out[n][(here, there) if distribute else (there, here)] = value
    return out


@pytest.mark.parametrize(("h", "w", "mask"), [(3, 4, 7), (3, 4, 3), (2, 5, 9), (1, 1, 5), (4, 4, 1)])
@pytest.mark.parametrize("distribute", [False, True])
def test_windows_become_pairs_of_places(h, w, mask, distribute):
    torch.manual_seed(0)
    scores = torch.randn(2, mask * mask, h, w)
    assert torch.equal(spread(scores, mask, distribute), naive(scores, mask, distribute))


def test_gradients_go_back_to_the_scores_that_were_used():
    scores = torch.randn(1, 25, 2, 2, requires_grad=True)
    spread(scores, 5).sum().backward()
    assert scores.grad.sum() == 2 * 2 * 2 * 2 and set(scores.grad.unique().tolist()) == {0.0, 1.0}


def test_each_place_distributes_what_it_predicted():
    """A place that gives all to its right neighbour is what that neighbour receives."""
    scores = torch.zeros(1, 9, 1, 3)
    scores[0, 1 * 3 + 2, 0, 0] = 50.0  # the first place: to the one on its right
    weights = spread(scores, 3, distribute=True).softmax(1)
    assert weights[0, 0, 1] > 0.99, "from the first to the second"
    collected = spread(scores, 3).softmax(1)
    assert collected[0, 1, 0] > 0.99, "the first takes from the second"


def test_what_cannot_be_is_refused():
    with pytest.raises(UsageError, match="in 3D"):
        build_head("psanet", 3, (8, 16), 2)
    with pytest.raises(UsageError, match="mask of 6"):
        build_head("psanet", 2, (8, 16), 2, {"mask": 6})
    head = build_head("psanet", 2, (8, 16), 2, {"mask": 3, "attention_gib": 1e-6})
    with pytest.raises(UsageError, match="25 to 25 voxels"):
        head([torch.zeros(1, 8, 18, 18), torch.zeros(1, 16, 9, 9)])
