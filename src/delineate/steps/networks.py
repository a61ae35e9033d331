"""The verb `nets`: the networks with what they cost, one of them drawn, and whether a file of weights fits one."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from delineate.core.diagram import Diagram
from delineate.core.errors import UnknownNameError, UsageError
from delineate.core.progress import Progress, silent
from delineate.show.nettable import NetRow

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.nets.loadcheck import LoadReport


def nets(  # noqa: PLR0913
    dims: int = 2,
    *,
    patch: Sequence[int] | None = None,
    channels: int = 1,
    classes: int = 2,
    cost: bool = True,
    measure: bool = False,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> list[NetRow]:
    """The networks that have ``dims``, with their cost at ``patch`` for so many ``channels`` and ``classes``
    (background counts).

    At the usual ones the cost is looked up and nothing is built; at others each network is run without content. One
    that cannot take the patch has no cost, and its row says why.

    Raises:
        UnknownNameError: one of ``only`` does not exist.
        UsageError: neither 2 nor 3 dims, a patch of others, no channels or no classes.
    """
    from delineate.nets.net import NETS

    size = _patch(dims, patch)
    names = [NETS[n].name for n in only] or [n for n in NETS if dims in NETS[n].card.dims]
    rows = []
    for number, name in enumerate(names):
        progress("nets", number, len(names))
        rows.append(_row(name, dims, size, channels, classes, cost, measure))
    progress("nets", len(names), len(names))
    return rows


def _patch(dims: int, patch: Sequence[int] | None) -> tuple[int, ...]:
    from delineate.nets.nd import check_dims
    from delineate.nets.pricelist import PATCH

    check_dims(dims)
    size = tuple(patch or PATCH[dims])
    if len(size) != dims:
        raise UsageError(
            f"a patch of {'x'.join(map(str, size))} in {dims}D", f"{dims} numbers", "give a patch of so many axes"
        )
    return size


def _row(
    name: str, dims: int, patch: tuple[int, ...], channels: int, classes: int, cost: bool, measure: bool
) -> NetRow:
    from delineate.nets.net import NETS

    net = NETS[name]
    card = net.card.model_dump(include={"dims", "title", "paper", "flat_only", "differs", "verified"})
    row = NetRow(name=name, year=net.year, options=net.options, about=inspect.getdoc(net.builder) or "", **card)
    if cost:
        row = row.model_copy(update=_cost(name, dims, patch, channels, classes))
    if measure and not row.refused:
        row = row.model_copy(update=_timed(name, dims, patch, channels, classes))
    return row


def _cost(
    name: str,
    dims: int,
    patch: tuple[int, ...],
    channels: int,
    classes: int,
    options: Mapping[str, Any] | None = None,
) -> dict[str, int | str]:
    """The numbers of a row, looked up where they are known."""
    from delineate.nets.pricelist import listed_price
    from delineate.nets.pricing import Pricer

    price = None if options else listed_price(name, dims, patch, channels, classes)
    if price is None:
        pricer = Pricer(name, dims, channels, classes, options)
        try:
            price = pricer(patch)
        except UsageError as error:  # attention that would take too much, say
            return {"refused": error.what}
    memory = 4 * (4 * price.parameters + price.activations)
    return {"parameters": price.parameters, "multiply_adds": price.flops, "memory_bytes": memory}


def _timed(name: str, dims: int, patch: tuple[int, ...], channels: int, classes: int) -> dict[str, float | str]:
    """Seconds of a training step with one patch on this machine, or why there are none."""
    import torch

    from delineate.core.labels import Labels
    from delineate.core.memory import available_bytes
    from delineate.core.units import show_memory
    from delineate.losses.loss import build_loss
    from delineate.nets.net import auxiliaries_of, build_net
    from delineate.train.device import choose_device, make_fabric, time_step

    cost, device, free = _cost(name, dims, patch, channels, classes), choose_device("auto"), available_bytes()
    if "refused" in cost:
        return {"refused": str(cost["refused"])}
    if device.type == "cpu" and int(cost["memory_bytes"]) > free:  # the system would end the whole list
        needed = show_memory(int(cost["memory_bytes"]))
        return {"refused": f"a step takes {needed} and {show_memory(free)} is free: not timed"}
    net = build_net(name, dims, channels, classes)
    loss = build_loss(Labels.exclusive({i: f"class {i}" for i in range(1, classes)}), "dice_ce", auxiliaries_of(net))
    image, label = torch.randn(1, channels, *patch), torch.randint(0, classes, (1, *patch))
    fabric = make_fabric(device, "fp32")
    return {"step_s": time_step(fabric, net.to(device), loss.to(device), image.to(device), label.to(device))}


def draw_net(
    name: str,
    dims: int | None = None,
    *,
    patch: Sequence[int] | None = None,
    channels: int = 1,
    classes: int = 2,
    options: Mapping[str, Any] | None = None,
    out: Path | None = None,
) -> tuple[NetRow, Diagram, str]:
    """A network, its parts, and a drawing of them as text; as SVG in the file ``out``, too.

    Raises:
        UnknownNameError: no such network.
        UsageError: dims or options it does not have, or a patch of other dims.
    """
    from delineate.core.files import write_text
    from delineate.nets.net import NETS
    from delineate.nets.tracing import trace_net
    from delineate.show.netdrawing import draw_svg, draw_text

    dims = dims or (len(patch) if patch else NETS[name].card.dims[0])
    size = _patch(dims, patch)
    (row,) = nets(dims, patch=size, channels=channels, classes=classes, only=(name,), cost=not options)
    if options:
        cost = _cost(row.name, dims, size, channels, classes, options)
        row = row.model_copy(update={"options": {**row.options, **options}, **cost})
    diagram = trace_net(row.name, dims, channels, classes, options or {}, size)
    if out is not None:
        write_text(out, draw_svg(diagram))
    return row, diagram, draw_text(diagram)


def check_net_weights(
    name: str,
    file: Path,
    dims: int = 2,
    *,
    channels: int = 1,
    classes: int = 2,
    adapt: Literal["no", "sum", "mean"] = "no",
    options: Mapping[str, Any] | None = None,
) -> LoadReport:
    """How the tensors of a published file fit the network or backbone ``name`` with these ``options``; ``adapt`` brings
    a first convolution to another number of channels.

    Raises:
        UnknownNameError: neither is of that name.
        UsageError: an option it does not take.
        CheckpointError: the file cannot be read.
    """
    import torch

    from delineate.nets.backbone import BACKBONES, build_backbone
    from delineate.nets.loadcheck import check_weights
    from delineate.nets.net import NETS, build_net
    from delineate.nets.weightfile import read_weights

    if name not in BACKBONES and name not in NETS:
        near = difflib.get_close_matches(name, [*BACKBONES, *NETS], n=1, cutoff=0.4)
        raise UnknownNameError(
            f"no network or backbone is named {name!r}",
            "one of " + ", ".join([*NETS, *BACKBONES]),
            f"did you mean {near[0]!r}?" if near else "",
        )
    tensors = read_weights(file)
    with torch.device("meta"):
        if name in BACKBONES:
            net = build_backbone(name, dims, channels, BACKBONES[name].card.strides[-1], options)
        else:
            net = build_net(name, dims, channels, classes, options)
    return check_weights(net, tensors, adapt)
