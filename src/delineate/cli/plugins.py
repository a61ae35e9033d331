"""``delineate losses``, ``delineate samplers`` and so on: what can be chosen by name."""

from __future__ import annotations

from collections.abc import Callable

import typer

from delineate.cli.options import Json
from delineate.cli.printing import say_json

ROOMS = ("losses", "samplers", "augmentations", "metrics", "formats", "layouts", "checks", "normalisers")


def listing(room: str) -> Callable[[bool], None]:
    """The command that lists a room: every name with what it is."""

    def show(as_json: Json = False) -> None:
        from delineate import steps

        found = steps.plugins(room)
        if as_json:
            say_json(found)
        else:
            for name, told in found.items():
                typer.echo(f"{name:24} {told}")

    show.__doc__ = f"The {room} that can be chosen by name."
    return show
