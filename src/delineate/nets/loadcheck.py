"""`check_weights`: which tensors of a published file fit a network, and `fit_weights`: copying those that do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.core.record import Record
from delineate.nets.mismatch import suspicions
from delineate.nets.renaming import as_named_here

PREFIXES = ("module.", "backbone.", "encoder.")
"""What other programs put before the names of an encoder's tensors."""

_BEGINNING = re.compile("(?<![^.])(?:" + "|".join(map(re.escape, PREFIXES)) + ")")
"""One of `PREFIXES`, whatever stands before it."""

Adapt = Literal["no", "sum", "mean"]

CLASSIFIERS = ("fc.", "classifier.", "head.weight", "head.bias", "head.fc.")
"""What published files call the linear layers that tell what a whole picture shows."""

NEVER_CALLED = ("head.conv_seg.",)
"""What files of whole SegFormers hold, whose network inherits it and does not use it."""

COUNTER = "num_batches_tracked"
"""What batch norm counts, for nothing with the momentum it has here; torch before 0.4.1 did not write it, and
torchvision's files are older."""


class LoadReport(Record):
    """What became of each tensor, by the network's names (``unexpected``: by the file's).

    ``loaded`` fit; ``missing`` the file does not have (a norm's `COUNTER` is not missed where the norm is there);
    ``unexpected`` the network does not have; ``differing`` are there with another shape, each told as "file's for
    network's". ``adapted`` are first convolutions of another number of input channels that were brought to the
    network's, and are among ``loaded``. ``stripped`` was taken off the file's names, ``added`` put before them.
    ``unneeded`` is the file's classifier of whole pictures, and what its own network does not use. ``suspicions`` say
    what the file is of, where it is not of this network: another depth, block, shortcut or stem.
    """

    loaded: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    differing: dict[str, str] = {}
    adapted: tuple[str, ...] = ()
    unneeded: tuple[str, ...] = ()
    suspicions: tuple[str, ...] = ()
    stripped: str = ""
    added: str = ""

    @property
    def complete(self) -> bool:
        """Every tensor of the network is loaded and every one of the file used, but for a classifier."""
        return not (self.missing or self.unexpected or self.differing)

    def __str__(self) -> str:
        rows = [f"{len(self.loaded)} tensors fit" + (f" ({len(self.adapted)} adapted)" if self.adapted else "")]
        if self.stripped or self.added:
            rows.append(f"names: {self.stripped!r} taken off, {self.added!r} put before")
        rows += [f"not of this network: {told}" for told in self.suspicions]
        rows += [f"not needed: {', '.join(self.unneeded)}"] if self.unneeded else []
        for name in ("missing", "unexpected"):
            rows += [f"{name}: {key}" for key in getattr(self, name)]
        return "\n".join([*rows, *(f"another shape: {key}, {told}" for key, told in self.differing.items())])


def check_weights(net: nn.Module, tensors: Mapping[str, torch.Tensor], adapt: Adapt = "no") -> LoadReport:
    """How ``tensors`` fit a network or a backbone; nothing is copied.

    Beginnings of the file's names that end with one of `PREFIXES`, and of the network's own, are seen through: the pair
    under which most tensors fit is taken. With ``adapt`` a first convolution of another number of input channels counts
    as fitting, see `adapt_channels`.
    """
    return _match(net, tensors, adapt)[0]


def fit_weights(net: nn.Module, tensors: Mapping[str, torch.Tensor], adapt: Adapt = "no") -> LoadReport:
    """Copy what fits and tell the rest; see `check_weights`.

    Raises:
        UsageError: nothing fits.
    """
    report, fitting = _match(net, tensors, adapt)
    if not fitting:
        first = ", ".join(list(tensors)[:3]) or "none"
        raise UsageError(
            f"weights of which no tensor fits the network: {first}",
            "names such as " + ", ".join(list(net.state_dict())[:3]),
            "give the weights of this network or backbone; `BackboneCard.weights` tells whose names are understood",
        )
    net.load_state_dict(fitting, strict=False)
    return report


def adapt_channels(weight: torch.Tensor, inputs: int, how: Adapt) -> torch.Tensor:
    """A convolution's weight ``[out, in, *kernel]`` for another number of input channels.

    "sum": its response to an image whose channels are all alike stays (each new channel takes an equal part of the old
    ones' sum); "mean": each new channel takes the old ones' mean.
    """
    one = weight.mean(1, keepdim=True)
    scale = weight.shape[1] / inputs if how == "sum" else 1.0
    return (one * scale).expand(-1, inputs, *weight.shape[2:]).contiguous()


def _match(
    net: nn.Module, tensors: Mapping[str, torch.Tensor], adapt: Adapt
) -> tuple[LoadReport, dict[str, torch.Tensor]]:
    own, tensors = net.state_dict(), as_named_here(tensors)
    stripped, added = _prefixes(own, tensors)
    renamed = {_renamed(key, stripped, added): (key, tensor) for key, tensor in tensors.items()}
    first = _first_conv(own, added)
    fitting: dict[str, torch.Tensor] = {}
    adapted, differing = [], {}
    for name in own.keys() & renamed.keys():
        tensor, wanted = renamed[name][1], own[name]
        if tensor.shape != wanted.shape and name == first and adapt != "no" and _channels_only(tensor, wanted):
            tensor = adapt_channels(tensor, wanted.shape[1], adapt)
            adapted.append(name)
        if tensor.shape == wanted.shape:
            fitting[name] = tensor
        else:
            kind = " (another number of input channels)" if name == first and _channels_only(tensor, wanted) else ""
            differing[name] = f"{tuple(tensor.shape)} for {tuple(wanted.shape)}{kind}"
    foreign = {key: name.removeprefix(added) for name, (key, _) in renamed.items() if name not in own}
    unneeded = _classifier(foreign, tensors)
    part = [k for k in own if k.startswith(added)]  # what a file of a backbone could be about
    report = LoadReport(
        loaded=tuple(k for k in own if k in fitting),
        missing=tuple(k for k in own if k not in renamed and not _counts_for(k, renamed)),
        unexpected=tuple(key for key in foreign if key not in unneeded),
        unneeded=unneeded,
        suspicions=suspicions(part, list(renamed), differing),
        differing={k: differing[k] for k in own if k in differing},
        adapted=tuple(adapted),
        stripped=stripped,
        added=added,
    )
    return report, fitting


def _classifier(foreign: Mapping[str, str], tensors: Mapping[str, torch.Tensor]) -> tuple[str, ...]:
    """The linear layers among the tensors that the network does not have; a convolution makes it a segmenter's head."""
    found = tuple(key for key, name in foreign.items() if name.startswith(CLASSIFIERS))
    idle = tuple(key for key in foreign if key.startswith(NEVER_CALLED))
    return idle if any(tensors[key].ndim > 2 for key in found) else (*found, *idle)


def _counts_for(name: str, present: Collection[str]) -> bool:
    """Whether it is the counter of a norm that is ``present``."""
    return name.endswith(COUNTER) and name.replace(COUNTER, "running_mean") in present


def _prefixes(own: Mapping[str, torch.Tensor], tensors: Mapping[str, torch.Tensor]) -> tuple[str, str]:
    """What to take off the file's names and put before them so that most are the network's."""
    pairs = [(off, on) for off in _runs(tensors) for on in _runs(own)]
    return max(pairs, key=lambda pair: sum(_renamed(key, *pair) in own for key in tensors))


def _runs(names: Collection[str]) -> list[str]:
    """Nothing, and every beginning of a name that ends with one of `PREFIXES`; short ones first."""
    return sorted({"", *(name[: found.end()] for name in names for found in _BEGINNING.finditer(name))}, key=len)


def _renamed(key: str, stripped: str, added: str) -> str:
    return added + key.removeprefix(stripped)


def _first_conv(own: Mapping[str, torch.Tensor], added: str) -> str:
    """The first convolution of the part under ``added``."""
    return next((k for k, t in own.items() if k.startswith(added) and t.ndim > 3), "")


def _channels_only(tensor: torch.Tensor, wanted: torch.Tensor) -> bool:
    """The shapes differ in the number of input channels and nowhere else."""
    same = tensor.ndim == wanted.ndim and tensor.shape[0] == wanted.shape[0] and tensor.shape[2:] == wanted.shape[2:]
    return same and tensor.shape[1] != wanted.shape[1]
