"""The page of the networks lists what there is."""

from __future__ import annotations

from pathlib import Path

from delineate.nets import NETS
from delineate.nets.backbone import BACKBONES

PAGE = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")


def rows_of(head: str) -> dict[str, list[str]]:
    """The rows of the table whose first column is called ``head``, by name."""
    _, table = PAGE.split(f"| {head} |", 1)
    lines = table.split("\n\n", 1)[0].splitlines()[2:]
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_every_network_is_listed_with_its_dims_year_and_options():
    rows = rows_of("network")
    assert list(rows) == list(NETS)
    for name, (dims, year, title, options) in rows.items():
        net = NETS[name]
        assert dims == ", ".join(map(str, net.card.dims)) and int(year) == net.year and title == net.card.title
        assert options == ", ".join(f"`{o}`" for o in net.options)


def test_every_backbone_is_listed_as_its_card_says():
    rows = rows_of("backbone")
    assert list(rows) == list(BACKBONES)
    for name, (dims, strides, title, weights) in rows.items():
        card = BACKBONES[name].card
        assert dims == ", ".join(map(str, card.dims)) and strides == ", ".join(map(str, card.strides))
        assert (title, weights) == (card.title, card.weights)
