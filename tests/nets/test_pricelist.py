from __future__ import annotations

import json

import pytest

from delineate.nets import NETS, NetCard, build_net, count_parameters, network, pricelist
from delineate.nets.pricelist import CHANNELS, CLASSES, PATCH, listed_names, listed_price


@pytest.mark.parametrize("dims", [2, 3])
def test_what_is_usual_is_looked_up(dims, monkeypatch):
    wanted = count_parameters(build_net("plain_unet", dims, CHANNELS, CLASSES))
    monkeypatch.setattr("delineate.nets.pricing.build_net", None)
    price = listed_price("plain_unet", dims, PATCH[dims], CHANNELS, CLASSES)
    assert price.parameters == wanted and price.flops > price.forward > 0


@pytest.mark.parametrize(
    ("name", "dims", "patch", "channels", "classes"),
    [
        ("plain_unet", 2, (256, 255), 1, 2),
        ("plain_unet", 2, (64, 64, 64), 1, 2),
        ("plain_unet", 2, (256, 256), 3, 2),
        ("plain_unet", 2, (256, 256), 1, 3),
        ("danet", 3, (64, 64, 64), 1, 2),
        ("plain_unet", 4, (8, 8, 8, 8), 1, 2),
    ],
)
def test_what_is_not_usual_is_not_in_the_list(name, dims, patch, channels, classes):
    assert listed_price(name, dims, patch, channels, classes) is None


def test_networks_of_others_are_not_listed(monkeypatch):
    monkeypatch.setattr(NETS, "_entries", dict(NETS._entries))
    network("theirs", NetCard(title="T", paper="P. 2020"))(lambda dims, in_channels, out_channels: None)
    assert "theirs" not in dict(listed_names()) and "unet" in dict(listed_names())


def test_the_list_is_written_a_row_a_network(tmp_path, monkeypatch):
    monkeypatch.setattr(pricelist, "listed_names", lambda: (("plain_unet", 2), ("plain_unet", 3)))
    pricelist.write_list(tmp_path / "prices.json")
    shipped = json.loads(pricelist.FILE.read_text())
    assert json.loads((tmp_path / "prices.json").read_text()) == {
        k: shipped[k] for k in ("plain_unet 2D", "plain_unet 3D")
    }
    assert len((tmp_path / "prices.json").read_text().splitlines()) == 4
