from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.core.labels import Labels
from delineate.losses import build_loss
from delineate.losses.deep import downsample_ids

LABELS = Labels.exclusive({1: "a", 2: "b"})


@pytest.mark.parametrize(("old", "new"), [((8, 6), (4, 3)), ((8, 6, 4), (4, 6, 1)), ((7, 9, 5), (4, 5, 3))])
def test_ids_are_sampled_at_the_nearest_centre(old, new):
    ids = torch.randint(0, 200, (2, *old), generator=torch.Generator().manual_seed(0))
    expected = F.interpolate(ids[:, None].float(), size=new, mode="nearest-exact")[:, 0].long()
    assert torch.equal(downsample_ids(ids, new), expected)


def test_weights_halve_and_sum_to_one():
    torch.manual_seed(0)
    ids = torch.randint(0, 3, (2, 8, 8))
    logits = [torch.randn(2, 3, n, n) for n in (8, 4, 2)]
    loss = build_loss(LABELS)
    parts = [loss(one, downsample_ids(ids, one.shape[2:])) for one in logits]
    expected = (4 * parts[0] + 2 * parts[1] + parts[2]) / 7
    torch.testing.assert_close(loss(logits, ids), expected)
    torch.testing.assert_close(loss(tuple(logits[:1]), ids), parts[0])
