"""`AuxiliaryLoss`: one loss for all outputs of a network (Lee et al., Deeply-Supervised Nets, AISTATS 2015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.auxiliary import Auxiliary


class AuxiliaryLoss(nn.Module):
    """Applies ``loss`` to a network's main output and its auxiliary ones; the weights are divided by their sum, so that
    networks with and without auxiliary outputs have losses of one size."""

    def __init__(
        self, loss: nn.Module, auxiliaries: Mapping[str, Auxiliary] | None = None, ignore_id: int | None = None
    ) -> None:
        super().__init__()
        self.loss, self.ignore_id = loss, ignore_id
        self.auxiliaries = dict(auxiliaries or {})

    def forward(self, outputs: torch.Tensor | Mapping[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
        """Logits ``[b, k, *size]``, or several under the names ``out`` and those of the auxiliaries, and ids
        ``[b, *size]`` to a scalar."""
        if ids.dtype in (torch.uint16, torch.uint32):  # torch can hardly index or compare these
            ids = ids.long()
        if isinstance(outputs, torch.Tensor):
            return self.loss(outputs, ids)
        weights = [1.0, *(self.auxiliaries[name].weight for name in outputs if name != "out")]
        parts = [self.loss(outputs["out"], ids)]
        parts += [self._side(name, one, ids) for name, one in outputs.items() if name != "out"]
        return torch.stack([w / sum(weights) * part for w, part in zip(weights, parts, strict=True)]).sum()

    def _side(self, name: str, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The loss of one auxiliary output, at its own size."""
        if self.auxiliaries[name].target == "boundary":
            return self._edge(logits, ids)
        if self.auxiliaries[name].target == "presence":
            there = (ids != 0) if self.ignore_id is None else (ids != 0) & (ids != self.ignore_id)
            present = there.flatten(1).any(1).float()
            return F.binary_cross_entropy_with_logits(logits.float().flatten(), present)
        return self.loss(logits, downsample_ids(ids, logits.shape[2:]))

    def _edge(self, logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Binary cross-entropy of boundaries over the voxels that count."""
        edge = resize_mask(boundary_of(ids, self.ignore_id), logits.shape[2:])
        each = F.binary_cross_entropy_with_logits(logits.float(), edge, reduction="none")
        if self.ignore_id is None:
            return each.mean()
        counts = resize_mask(ids != self.ignore_id, logits.shape[2:])
        return (each * counts).sum() / counts.sum().clamp(min=1)


def downsample_ids(ids: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """Ids ``[b, *old]`` at ``size``: each voxel takes the id nearest to its centre; no new ids appear."""
    for axis, (new, old) in enumerate(zip(size, ids.shape[1:], strict=True), start=1):
        if new != old:
            centres = (torch.arange(new, device=ids.device) * 2 + 1) * old // (2 * new)
            ids = ids.index_select(axis, centres)
    return ids


def boundary_of(ids: torch.Tensor, ignore_id: int | None = None) -> torch.Tensor:
    """Ids ``[b, *size]`` to a mask of the foreground voxels with a neighbour (along an axis) of another id; what is to
    be ignored is neither foreground nor another id."""
    edge = torch.zeros_like(ids, dtype=torch.bool)
    for axis in range(1, ids.ndim):
        if ids.shape[axis] > 1:
            after, before = (ids.narrow(axis, first, ids.shape[axis] - 1) for first in (1, 0))
            differ = after != before
            if ignore_id is not None:
                differ &= (after != ignore_id) & (before != ignore_id)
            edge.narrow(axis, 1, ids.shape[axis] - 1).logical_or_(differ)
            edge.narrow(axis, 0, ids.shape[axis] - 1).logical_or_(differ)
    return edge & (ids != 0)


def resize_mask(mask: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """A mask ``[b, *old]`` to float32 ``[b, 1, *size]``: a coarse voxel is set where any voxel in it is, lest thin
    lines vanish."""
    whole = mask[:, None].float()
    if tuple(whole.shape[2:]) == tuple(size):
        return whole
    pool = F.adaptive_max_pool2d if len(size) == 2 else F.adaptive_max_pool3d
    return pool(whole, tuple(size))
