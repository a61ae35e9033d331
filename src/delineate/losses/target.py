"""`Target`: what the logits of a batch are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from delineate.core.errors import UsageError
from delineate.core.labels import Labels


@dataclass(frozen=True)
class Target:
    """Ids ``[b, n]`` (int64) with spatial axes joined, ignored voxels set to 0, and ``valid`` ``[b, n]`` where some are
    ignored (else None)."""

    ids: torch.Tensor
    valid: torch.Tensor | None

    @property
    def count(self) -> torch.Tensor | int:
        """Voxels that count; at least 1, so that it can be divided by."""
        return self.ids.numel() if self.valid is None else self.valid.sum().clamp(min=1)


def flatten(logits: torch.Tensor, ids: torch.Tensor, labels: Labels) -> tuple[torch.Tensor, Target]:
    """Logits ``[b, k, *size]`` as float32 ``[b, k, n]`` and the ids ``[b, *size]`` beside them.

    Raises:
        UsageError: shapes that do not belong together; the message says what to change.
    """
    check_shapes(logits, ids, labels)
    flat = ids.reshape(ids.shape[0], -1).long()
    valid = None
    if labels.ignore_id is not None:
        valid = flat != labels.ignore_id
        flat = flat * valid
    check_range(flat, labels)
    return logits.float().flatten(2), Target(flat, valid)


def check_shapes(logits: torch.Tensor, ids: torch.Tensor, labels: Labels) -> None:
    """Refuse logits and ids that cannot be compared."""
    wanted = f"logits [batch, {labels.channels}, *spatial] and integer ids [batch, *spatial]"
    came = f"logits {tuple(logits.shape)} and ids {tuple(ids.shape)} {str(ids.dtype).removeprefix('torch.')}"
    if ids.is_floating_point() or ids.is_complex():
        raise UsageError(f"ids that are not integers: {came}", wanted, "convert the ids with .long()")
    if logits.ndim > 1 and logits.shape[1] != labels.channels:
        raise UsageError(
            f"{came}: {logits.shape[1]} channels for labels of {labels.channels}",
            wanted,
            f"build the network with out_channels={labels.channels}",
        )
    if ids.ndim == logits.ndim and ids.shape[1] == 1:
        raise UsageError(f"ids with a channel axis: {came}", wanted, "remove it with ids[:, 0]")
    if logits.ndim < 3 or (logits.shape[0], *logits.shape[2:]) != tuple(ids.shape):
        raise UsageError(f"shapes that do not match: {came}", wanted, "give logits and ids of the same patches")


def check_range(ids: torch.Tensor, labels: Labels) -> None:
    """Refuse ids that are not among the labels; on a CPU only, where asking does not stop a queue of work."""
    if ids.device.type != "cpu" or not ids.numel():
        return
    low, high = (int(v) for v in ids.aminmax())
    if low < 0 or high >= len(labels.file_values):
        ignored = "" if labels.ignore_id is None else f" and {labels.ignore_id} (ignored)"
        raise UsageError(
            f"ids from {low} to {high}",
            f"ids from 0 to {len(labels.file_values) - 1}{ignored}",
            "encode the mask's values with Labels.encode",
        )
