"""``delineate check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from delineate.cli.options import Data, Json, Layout, Memory
from delineate.cli.printing import bars, say_json


def check(
    data: Data,
    layout: Layout = None,
    memory: Memory = None,
    html: Annotated[Path | None, typer.Option(help="Write a page about the data to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Every problem of a data set at once, each with its fix."""
    from delineate import steps

    used: list[Any] = []
    with bars(not as_json) as progress:
        dataset, result = steps.check(data, layout, progress, memory=memory, told=used.append, html=html)
    if as_json:
        found = {"dataset": dataset.model_dump(mode="json"), "check": result.model_dump(mode="json"), "ok": result.ok}
        say_json({**found, "memory": vars(used[0])})
    else:
        from delineate.show.terminal import show_check

        show_check(dataset, result)
        typer.echo(str(used[0]))
        if html is not None:
            typer.echo(f"page: {html}")
    raise typer.Exit(0 if result.ok else 1)
