"""``delineate nets``: the networks, one of them drawn, and whether a file of weights fits one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from delineate.cli.options import Json
from delineate.cli.printing import bars, say_json

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Dims = Annotated[int | None, typer.Option(help="2 or 3.")]
Patch = Annotated[str | None, typer.Option(help="Price a patch of this size: 256x256.")]
Channels = Annotated[int, typer.Option(help="Channels of the images.")]
Classes = Annotated[int, typer.Option(help="Classes, background included.")]
Name = Annotated[str, typer.Argument(metavar="NET", help="The network; see `delineate nets`.")]
Options = Annotated[
    list[str] | None, typer.Option("--set", help="One option of the network: backbone=resnet50. May be repeated.")
]


class Adapt(StrEnum):
    """What to do where the file's first convolution has another number of input channels."""

    no = "no"
    sum = "sum"
    mean = "mean"


@app.callback(invoke_without_command=True)
def nets(
    context: typer.Context,
    dims: Dims = None,
    patch: Patch = None,
    channels: Annotated[int | None, typer.Option(help="Channels of the images; 1 by default.")] = None,
    classes: Annotated[int | None, typer.Option(help="Classes, background included; 2 by default.")] = None,
    run: Annotated[Path | None, typer.Option(help="Price what the plan of this run looks at.")] = None,
    cost: Annotated[bool, typer.Option("--cost/--no-cost", help="Parameters, multiply-adds, memory.")] = True,
    measure: Annotated[bool, typer.Option("--measure", help="Time a training step here, too.")] = False,
    as_json: Json = False,
) -> None:
    """The networks that can be chosen by name; `nets show NET` draws one, `nets load-check NET FILE` tries weights."""
    if context.invoked_subcommand is not None:
        return
    from delineate import steps

    with bars(not as_json) as progress:
        rows = steps.nets(
            dims, patch=patch_of(patch), channels=channels, classes=classes, run=run, cost=cost, measure=measure,
            progress=progress,
        )  # fmt: skip
    if as_json:
        say_json([row.model_dump(mode="json") for row in rows])
    else:
        from delineate.show.nettable import show_nets

        show_nets(rows)


@app.command()
def show(
    net: Name,
    dims: Dims = None,
    patch: Patch = None,
    channels: Channels = 1,
    classes: Classes = 2,
    sets: Options = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="An SVG to write.")] = None,
    as_json: Json = False,
) -> None:
    """A network's card, and its parts drawn."""
    from delineate import steps

    row, diagram, text = steps.draw_net(
        net, dims, patch=patch_of(patch), channels=channels, classes=classes, options=options_of(sets), out=out
    )
    if as_json:
        say_json({**row.model_dump(mode="json"), "diagram": diagram.model_dump(mode="json")})
    else:
        from delineate.show.nettable import show_net

        show_net(row)
        typer.echo(text)
        if out is not None:
            typer.echo(f"drawing: {out}")


def patch_of(text: str | None) -> tuple[int, ...] | None:
    """``256x256`` as numbers.

    Raises:
        UsageError: it is not two or three numbers above 0.
    """
    from delineate.core.errors import UsageError

    if text is None:
        return None
    edges = text.lower().split("x")
    if len(edges) not in (2, 3) or not all(e.isdigit() and int(e) for e in edges):
        raise UsageError(f"--patch {text} is not a size", "two or three numbers: 256x256", "write --patch 64x64x64")
    return tuple(map(int, edges))


def options_of(sets: list[str] | None) -> dict[str, Any]:
    """Options of a network from ``name=value`` texts, read as those after ``plan.net_options.`` in a training.

    Raises:
        ConfigError: a text that sets nothing.
    """
    from delineate.config import load_config

    return dict(load_config(sets=[f"plan.net_options.{text}" for text in sets or ()]).plan.net_options)


@app.command("load-check")
def load_check(
    net: Annotated[str, typer.Argument(metavar="NET", help="A network or a backbone.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Published weights: .pth, .pt or .safetensors.")],
    dims: Dims = None,
    channels: Channels = 3,
    classes: Classes = 2,
    sets: Options = None,
    adapt: Annotated[Adapt, typer.Option(help="Bring a first convolution to other channels.")] = Adapt.no,
    as_json: Json = False,
) -> None:
    """Which tensors of a file fit a network; nothing is trained or written."""
    from delineate import steps

    report = steps.check_net_weights(
        net, file, dims or 2, channels=channels, classes=classes, adapt=adapt.value, options=options_of(sets)
    )
    if as_json:
        say_json({**report.model_dump(mode="json"), "complete": report.complete})
    else:
        typer.echo(str(report))
    raise typer.Exit(0 if report.complete else 1)
