"""`RegionSums`: the sums over voxels that sigmoid losses of overlapping regions are made of."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from delineate.core.labels import Labels
from delineate.losses.target import Target


@dataclass(frozen=True)
class RegionSums:
    """Sums ``[b, class]`` of probability inside the region (``overlap``), of probability (``predicted``), of voxels
    (``true``), and of the binary cross-entropy (``surprise``); valid voxels only."""

    overlap: torch.Tensor
    predicted: torch.Tensor
    true: torch.Tensor
    surprise: torch.Tensor


def sum_regions(logits: torch.Tensor, target: Target, labels: Labels) -> RegionSums:
    """Of logits ``[b, class, n]`` in float32. A voxel is true for every class that holds its id."""
    true = region_masks(target, labels).to(logits.dtype)
    p = torch.sigmoid(logits)
    surprise = F.softplus(logits) - logits * true
    if target.valid is not None:
        valid = target.valid[:, None]
        p, surprise = p * valid, surprise * valid
    return RegionSums((p * true).sum(2), p.sum(2), true.sum(2), surprise.sum(2))


def region_masks(target: Target, labels: Labels) -> torch.Tensor:
    """One boolean mask per class ``[b, class, n]``; ignored voxels (id 0 in a target) belong to none."""
    ids = target.ids
    member = torch.zeros(len(labels.classes), len(labels.file_values), dtype=torch.bool, device=ids.device)
    for row, wanted in zip(member, labels.classes, strict=True):
        row[list(wanted.ids)] = True
    return torch.stack([row[ids] for row in member], 1)
