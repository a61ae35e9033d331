"""Parameters of the networks beside those of their references, counted where the reference's code runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from delineate.nets import NETS, build_net, count_parameters

ROWS = json.loads((Path(__file__).parent / "zoo_counts.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=[r["reference"] for r in ROWS])
def test_a_network_has_as_many_parameters_as_its_reference(row):
    with torch.device("meta"):
        net = build_net(row["net"], row["dims"], row["in"], row["out"], row["options"])
    assert count_parameters(net) == row["params"]
    if abs(row["params"] - row["counted"]) > 0.005 * row["counted"]:
        assert row["why"], "a larger difference is explained"


def test_every_network_has_a_reference():
    elsewhere = {
        "fcn16s",  # by layer list: tests/nets/zoo/test_fcn.py
        "plain_unet",  # the price by formula has its parameters (tests/nets/test_pricing.py), and its outputs are
        "resenc_unet",  # compared with those of dynamic-network-architectures in benchmarks/equality.py
    }
    assert {row["net"] for row in ROWS} == set(NETS) - elsewhere


def test_most_are_equal():
    near = [r for r in ROWS if abs(r["params"] - r["counted"]) <= 0.005 * r["counted"]]
    assert len(near) >= 60
    assert all(("why" in r) == (r["params"] != r["counted"]) for r in ROWS)
