"""``delineate env``."""

from __future__ import annotations

from delineate.cli.options import Json
from delineate.cli.printing import say_json


def env(as_json: Json = False) -> None:
    """Versions, devices, cores and memory; says loudly when a GPU lies idle."""
    from delineate import steps

    machine, found = steps.env()
    if as_json:
        say_json({"machine": machine.model_dump(mode="json"), "versions": found})
    else:
        from delineate.show.terminal import show_machine

        show_machine(machine, found)
