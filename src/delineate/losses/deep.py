"""`DeepSupervision`: one loss at several resolutions (Lee et al., AISTATS 2015; weights of Isensee et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn


class DeepSupervision(nn.Module):
    """Applies ``loss`` to every entry of a list of logits, weights 1, 1/2, 1/4, ... divided by their sum."""

    def __init__(self, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, logits: torch.Tensor | Sequence[torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, k, *size]`` or several, full resolution first, and ids ``[b, *size]`` to a scalar."""
        if isinstance(logits, torch.Tensor):
            logits = [logits]
        if ids.dtype in (torch.uint16, torch.uint32):  # torch can hardly index or compare these
            ids = ids.long()
        weights = [0.5**i for i in range(len(logits))]
        parts = [
            w / sum(weights) * self.loss(one, downsample_ids(ids, one.shape[2:]) if i else ids)
            for i, (w, one) in enumerate(zip(weights, logits, strict=True))
        ]
        return torch.stack(parts).sum()


def downsample_ids(ids: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Ids ``[b, *old]`` at ``size``: each voxel takes the id nearest to its centre; no new ids appear."""
    for axis, (new, old) in enumerate(zip(size, ids.shape[1:], strict=True), start=1):
        if new != old:
            centres = (torch.arange(new, device=ids.device) * 2 + 1) * old // (2 * new)
            ids = ids.index_select(axis, centres)
    return ids
