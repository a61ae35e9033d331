"""Losses by name; each takes logits and integer labels, in two and three dimensions."""

from __future__ import annotations

from delineate.losses.loss import LOSSES, build_loss

__all__ = ["LOSSES", "build_loss"]
