"""`NETS`: the networks by name, what is known about each, and how one is built."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.core.errors import CheckpointError, UsageError
from delineate.core.record import Record
from delineate.core.registry import Registry
from delineate.nets.nd import check_dims


class NetCard(Record):
    """Who invented a network and what it can take.

    ``paper`` ends with the year. ``flat_only`` says why there is no third dimension, ``differs`` what is not as in the
    paper, and ``verified`` against what the network was checked. A patch shorter than ``stride``, the total stride,
    makes no sense; None where the planner chooses it. ``unused`` names parameters (by the start of their names) that
    get no gradient in some setting, with the reason. ``small`` are options of a variant that is quick to try.
    ``deep_supervision`` tells that there is an option of that name, a number of outputs. ``learning_rate`` is AdamW's
    where the usual one is too high for it to learn from random weights.
    """

    title: str
    paper: str
    dims: tuple[int, ...] = (2, 3)
    flat_only: str = ""
    stride: int | None = None
    deep_supervision: bool = False
    learning_rate: float | None = None
    differs: str = ""
    verified: str = ""
    unused: dict[str, str] = {}
    small: dict[str, Any] = {}
    export: str = ""
    """Why `torch.export` cannot take it; empty where it can."""


Builder = Callable[..., nn.Module]
"""``(dims, in_channels, out_channels, **options)`` to a network that takes any size."""


@dataclass(frozen=True)
class Net:
    """A network of the registry: call it to build one."""

    name: str
    card: NetCard
    builder: Builder

    @property
    def year(self) -> int:
        """Of the paper."""
        return max(int(y) for y in re.findall(r"\b(?:19|20)\d\d\b", self.card.paper))

    @property
    def options(self) -> dict[str, Any]:
        """The options the builder takes, with their defaults."""
        parameters = inspect.signature(self.builder).parameters.values()
        return {p.name: p.default for p in parameters if p.name not in ("dims", "in_channels", "out_channels")}

    def __call__(self, dims: int, in_channels: int, out_channels: int, **options: Any) -> nn.Module:
        """Build; see `build_net`."""
        return build_net(self.name, dims, in_channels, out_channels, options)


NETS: Registry[Net] = Registry("network", "delineate.nets.zoo")


def network(name: str, card: NetCard, aliases: tuple[str, ...] = ()) -> Callable[[Builder], Builder]:
    """The decorator that adds a network to `NETS`; ``aliases`` are other names people know it by."""

    def add(builder: Builder) -> Builder:
        NETS.register(name, aliases)(Net(name, card, builder))
        return builder

    return add


def build_net(
    name: str, dims: int, in_channels: int, out_channels: int, options: Mapping[str, Any] | None = None
) -> nn.Module:
    """A network of the registry with fresh weights.

    It maps ``[b, in_channels, *size]`` to logits ``[b, out_channels, *size]``, whatever the size. In training, one with
    auxiliary outputs (see `auxiliaries_of`) gives a dict instead: those logits as ``out``, then the others by name.

    Raises:
        UnknownNameError: no such network.
        UsageError: an option it does not take, or values that do not fit together.
    """
    net = NETS[name]
    options = dict(options or {})
    check_options(net, options)
    if check_dims(dims) not in net.card.dims:
        raise UsageError(
            f"the network {name!r} in {dims}D" + (f": {net.card.flat_only}" if net.card.flat_only else ""),
            "dims of " + " or ".join(map(str, net.card.dims)),
            "choose another network; `delineate nets` lists their dims",
        )
    if in_channels < 1 or out_channels < 1:
        raise UsageError(f"a network of {in_channels} input and {out_channels} output channels", "at least one of each")
    try:
        made = net.builder(dims, in_channels, out_channels, **options)
        _check_filled(made)
    except (TypeError, ValueError, LookupError, ArithmeticError, RuntimeError) as error:
        if not options:
            raise
        told = ", ".join(f"{key}={value!r}" for key, value in options.items())
        raise UsageError(
            f"the network {name!r} cannot be built with {told}: {error}",
            "values like those that `delineate nets show` tells",
            "correct the option",
        ) from error
    return made


def _check_filled(net: nn.Module) -> None:
    """Refuse layers of no channels: torch makes them, and what stands behind them sees nothing.

    Raises:
        ValueError: there is one.
    """
    empty = [name for name, p in net.named_parameters() if not p.numel()]
    if empty:
        raise ValueError(f"layers without channels: {_first(empty)}")


def check_options(net: Net, options: Mapping[str, Any]) -> None:
    """Refuse options that a network does not take.

    Raises:
        UsageError: the first such option, with the nearest there is.
    """
    for key in options:
        if key not in net.options:
            near = difflib.get_close_matches(key, net.options, n=1)
            raise UsageError(
                f"the network {net.name!r} has no option {key!r}",
                "one of " + ", ".join(net.options),
                f"did you mean {near[0]!r}?" if near else "remove it",
            )


def auxiliaries_of(net: nn.Module) -> dict[str, Auxiliary]:
    """The outputs a network has in training beside ``out``, by name; none for most."""
    return dict(getattr(net, "auxiliaries", {}))


def load_weights(net: nn.Module, tensors: Mapping[str, torch.Tensor]) -> None:
    """Copy ``tensors`` into a network, every one of them or none.

    Raises:
        CheckpointError: keys missing, keys too many or shapes that differ; each is named.
    """
    own = net.state_dict()
    differing = [
        f"{k} ({tuple(tensors[k].shape)} for {tuple(own[k].shape)})"
        for k in own
        if k in tensors and tensors[k].shape != own[k].shape
    ]
    report = {
        "missing": [k for k in own if k not in tensors],
        "unexpected": [k for k in tensors if k not in own],
        "of another shape": differing,
    }
    if any(report.values()):
        told = "; ".join(f"{len(v)} {k}: {_first(v)}" for k, v in report.items() if v)
        raise CheckpointError(
            f"the weights do not fit the network: {told}",
            f"the {len(own)} tensors of this network",
            "build the network with the name and options written in the checkpoint's card",
        )
    net.load_state_dict(dict(tensors))


def count_parameters(net: nn.Module) -> int:
    """Trainable numbers in a network."""
    return sum(p.numel() for p in net.parameters() if p.requires_grad)


def _first(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")
