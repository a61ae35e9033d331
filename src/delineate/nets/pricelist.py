"""`listed_price`: what each network takes at the usual patch, looked up: to list networks none has to be built.

``python -m delineate.nets.pricelist`` (``make prices``) computes the list anew, with `Pricer`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from delineate.core.files import write_text
from delineate.core.price import Price
from delineate.nets.net import NETS

PATCH = {2: (256, 256), 3: (64, 64, 64)}
"""The usual patch; what networks are priced at where nothing else is asked."""
CHANNELS, CLASSES = 1, 2
"""The usual channels of an image and classes, background included."""

FILE = Path(__file__).with_name("prices.json")


def listed_price(name: str, dims: int, patch: Sequence[int], in_channels: int, out_channels: int) -> Price | None:
    """The price of a network with its default options; None where it is not in the list, which holds the networks of
    this package at the usual patch, channels and classes."""
    usual = tuple(patch) == PATCH.get(dims) and (in_channels, out_channels) == (CHANNELS, CLASSES)
    return _list().get(_key(name, dims)) if usual else None


def usual_price(name: str, dims: int) -> Price:
    """What the list should say of a network; takes a second or more."""
    from delineate.nets.pricing import Pricer

    return Pricer(name, dims, CHANNELS, CLASSES)(PATCH[dims])


def listed_names() -> tuple[tuple[str, int], ...]:
    """Names and dims of the networks that belong in the list: those of this package."""
    own = [name for name in NETS if NETS[name].builder.__module__.startswith(NETS.package + ".")]
    return tuple((name, dims) for name in own for dims in NETS[name].card.dims)


def write_list(path: Path = FILE) -> None:
    """Price every network of this package, a row for each; takes a minute or two."""
    rows = [
        f"{json.dumps(_key(name, dims))}: {usual_price(name, dims).model_dump_json()}" for name, dims in listed_names()
    ]
    write_text(path, "{\n" + ",\n".join(rows) + "\n}\n")


@cache
def _list() -> dict[str, Price]:
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {key: Price(**row) for key, row in rows.items()}


def _key(name: str, dims: int) -> str:
    return f"{name} {dims}D"


if __name__ == "__main__":
    write_list()
