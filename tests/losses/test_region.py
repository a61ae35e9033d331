from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.core.labels import Labels
from delineate.losses.region import region_masks, sum_regions
from delineate.losses.target import flatten

LABELS = Labels.of_regions({"whole": (1, 2, 4), "core": (1, 4), "enhancing": (4,)}, order=(2, 1, 4), ignore_value=9)


def test_masks_are_those_of_the_labels():
    torch.manual_seed(0)
    ids = torch.randint(0, 4, (2, 5, 6))
    ids[0, 0] = LABELS.ignore_id
    _, target = flatten(torch.zeros(2, 3, 5, 6), ids, LABELS)
    for one, wanted in zip(region_masks(target, LABELS), ids.numpy(), strict=True):
        assert (one.numpy().reshape(3, 5, 6) == LABELS.masks(wanted)).all()


def test_entropy_is_torchs_and_sums_are_counts():
    torch.manual_seed(0)
    logits, ids = 5 * torch.randn(2, 3, 5, 6), torch.randint(0, 4, (2, 5, 6))
    ids[1, 2:] = LABELS.ignore_id
    flat, target = flatten(logits, ids, LABELS)
    sums = sum_regions(flat, target, LABELS)
    true = region_masks(target, LABELS).float()
    entropy = F.binary_cross_entropy_with_logits(flat, true, reduction="none") * target.valid[:, None]
    torch.testing.assert_close(sums.surprise, entropy.sum(2))
    p = torch.sigmoid(flat) * target.valid[:, None]
    torch.testing.assert_close(sums.predicted, p.sum(2))
    torch.testing.assert_close(sums.overlap, (p * true).sum(2))
    torch.testing.assert_close(sums.true, true.sum(2))
