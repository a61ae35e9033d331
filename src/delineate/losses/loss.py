"""`LOSSES`: the losses by name, and how one is built for the labels of a task."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.core.registry import Registry
from delineate.losses.auxiliary import AuxiliaryLoss

Builder = Callable[..., nn.Module]
"""``(labels, **options)`` to a module from logits ``[b, k, *size]`` and ids ``[b, *size]`` to a scalar."""

LOSSES: Registry[Builder] = Registry("loss", "delineate.losses")


def build_loss(
    labels: Labels, name: str = "dice_ce", auxiliaries: Mapping[str, Auxiliary] | None = None, **options: Any
) -> nn.Module:
    """A loss of the registry for these labels, and for a network with these ``auxiliaries``.

    It takes logits ``[b, k, *size]`` (``k`` is ``labels.channels``), or the outputs of a network in training (see
    `AuxiliaryLoss`), and integer ids ``[b, *size]``, and gives a scalar in float32. Voxels of ``labels.ignore_id``
    count nowhere. Exclusive labels are read through softmax, regions through sigmoid.

    Raises:
        UnknownNameError: no such loss.
        UsageError: an option it does not take, or a loss that cannot be used with these labels.
    """
    builder = LOSSES[name]
    known = [p for p in inspect.signature(builder).parameters if p != "labels"]
    for key in options:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise UsageError(
                f"the loss {name!r} has no option {key!r}",
                "one of " + ", ".join(known) if known else "no options",
                f"did you mean {near[0]!r}?" if near else "remove it",
            )
    return AuxiliaryLoss(builder(labels, **options), auxiliaries, labels.ignore_id)


def need_exclusive(labels: Labels, name: str) -> None:
    """Refuse a softmax loss for regions, which may overlap."""
    if labels.regions:
        raise UsageError(
            f"the loss {name!r} is a softmax over classes that exclude each other, and these labels are regions",
            "a loss for regions: dice_ce (which then uses sigmoid), dice_bce, dice or bce",
            "set train.loss = 'dice_ce'",
        )


def need_regions(labels: Labels, name: str) -> None:
    """Refuse a sigmoid loss for labels that exclude each other."""
    if not labels.regions:
        raise UsageError(
            f"the loss {name!r} is a sigmoid per region, and these labels exclude each other",
            "a loss for exclusive labels: dice_ce, dice or ce",
            "set train.loss = 'dice_ce'",
        )
