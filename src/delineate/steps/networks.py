"""The verb `nets`: the networks with what they cost, one of them drawn, and whether a file of weights fits one."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from delineate.core.diagram import Diagram
from delineate.core.errors import UnknownNameError, UsageError
from delineate.core.progress import Progress, silent
from delineate.show.nettable import NetRow

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.nets.loadcheck import LoadReport
    from delineate.plan.plan import Plan


def nets(  # noqa: PLR0913
    dims: int | None = None,
    *,
    patch: Sequence[int] | None = None,
    channels: int | None = None,
    classes: int | None = None,
    run: Path | None = None,
    cost: bool = True,
    measure: bool = False,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> list[NetRow]:
    """The networks that have ``dims``, with their cost at ``patch`` for so many ``channels`` and ``classes``
    (background counts). What is not given is what the plan of ``run`` has, else 2 dims, a usual patch, one channel and
    two classes.

    At the usual ones the cost is looked up and nothing is built; at others each network is run without content. One
    that cannot take the patch has no cost, and its row says why.

    Raises:
        UnknownNameError: one of ``only`` does not exist.
        UsageError: neither 2 nor 3 dims, a patch of others, no channels or no classes.
        RunError: ``run`` has no plan, or a damaged one.
    """
    from delineate.nets.net import NETS

    own = None if run is None else _plan_of(Path(run))
    sight = _sight(own, dims, patch, channels, classes)
    names = [NETS[n].name for n in only] or [n for n in NETS if sight.dims in NETS[n].card.dims]
    rows = []
    for number, name in enumerate(names):
        progress("nets", number, len(names))
        rows.append(_row(name, sight, _options_in(own, name, sight.dims), cost, measure))
    progress("nets", len(names), len(names))
    return rows


@dataclass(frozen=True)
class Sight:
    """What networks are priced for: a ``patch`` of ``dims`` numbers, image channels in, classes out."""

    dims: int
    patch: tuple[int, ...]
    channels: int
    classes: int


def _plan_of(run: Path) -> Plan:
    from delineate.core.run import RunFolder
    from delineate.plan.plan import Plan

    folder = RunFolder(run)
    folder.need()
    return Plan.load(folder.plan)


def _sight(
    plan: Plan | None, dims: int | None, patch: Sequence[int] | None, channels: int | None, classes: int | None
) -> Sight:
    """What is given, else what the plan has (its patch where the dims are its own), else the usual."""
    dims = dims or (len(patch) if patch else plan.dims if plan else 2)
    if plan and plan.dims == dims:
        patch = patch or plan.stages[-1].patch
    usual = (plan.inputs, plan.labels.channels) if plan else (1, 2)
    inputs, outputs = (u if given is None else given for given, u in zip((channels, classes), usual, strict=True))
    return Sight(dims, _patch(dims, patch), inputs, outputs)


def _options_in(plan: Plan | None, name: str, dims: int) -> Mapping[str, Any]:
    """Those the plan gives its own network."""
    return next((s.net.options for s in plan.stages if s.net.name == name), {}) if plan and plan.dims == dims else {}


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


def _row(name: str, sight: Sight, options: Mapping[str, Any], cost: bool, measure: bool) -> NetRow:
    from delineate.nets.net import NETS

    net = NETS[name]
    card = net.card.model_dump(include={"dims", "title", "paper", "flat_only", "differs", "verified"})
    about = inspect.getdoc(net.builder) or ""
    row = NetRow(name=name, year=net.year, options={**net.options, **options}, about=about, **card)
    if cost:
        row = row.model_copy(update=_cost(name, sight, options))
    if measure and not row.refused:
        row = row.model_copy(update=_timed(name, sight, options))
    return row


def _cost(name: str, sight: Sight, options: Mapping[str, Any]) -> dict[str, int | str]:
    """The numbers of a row, looked up where they are known."""
    from delineate.nets.pricelist import listed_price
    from delineate.nets.pricing import Pricer

    price = None if options else listed_price(name, sight.dims, sight.patch, sight.channels, sight.classes)
    if price is None:
        pricer = Pricer(name, sight.dims, sight.channels, sight.classes, options)
        try:
            price = pricer(sight.patch)
        except UsageError as error:  # attention that would take too much, say
            return {"refused": error.what}
    memory = 4 * (4 * price.parameters + price.activations)
    return {"parameters": price.parameters, "multiply_adds": price.flops, "memory_bytes": memory}


def _timed(name: str, sight: Sight, options: Mapping[str, Any]) -> dict[str, float | str]:
    """Seconds of a training step with one patch on this machine, or why there are none."""
    import torch

    from delineate.core.labels import Labels
    from delineate.core.memory import available_bytes
    from delineate.core.units import show_memory
    from delineate.losses.loss import build_loss
    from delineate.nets.net import auxiliaries_of, build_net
    from delineate.train.device import choose_device, make_fabric, time_step

    cost, device, free = _cost(name, sight, options), choose_device("auto"), available_bytes()
    if "refused" in cost:
        return {"refused": str(cost["refused"])}
    if device.type == "cpu" and int(cost["memory_bytes"]) > free:  # the system would end the whole list
        needed = show_memory(int(cost["memory_bytes"]))
        return {"refused": f"a step takes {needed} and {show_memory(free)} is free: not timed"}
    net = build_net(name, sight.dims, sight.channels, sight.classes, options)
    labels = Labels.exclusive({i: f"class {i}" for i in range(1, sight.classes)})
    loss = build_loss(labels, "dice_ce", auxiliaries_of(net))
    image, label = torch.randn(1, sight.channels, *sight.patch), torch.randint(0, sight.classes, (1, *sight.patch))
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

    sight = _sight(None, dims or (None if patch else NETS[name].card.dims[0]), patch, channels, classes)
    row = _row(NETS[name].name, sight, options or {}, cost=True, measure=False)
    diagram = trace_net(row.name, sight.dims, channels, classes, options or {}, sight.patch)
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
