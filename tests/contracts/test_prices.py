"""The list of prices says of every network what pricing it says."""

from __future__ import annotations

import json

import pytest

from delineate.nets.pricelist import CHANNELS, CLASSES, FILE, PATCH, listed_names, listed_price, usual_price

ADVICE = "run `make prices`"


def test_the_list_has_every_network_and_no_other():
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    assert list(rows) == [f"{name} {dims}D" for name, dims in listed_names()], ADVICE


@pytest.mark.parametrize(("name", "dims"), listed_names())
def test_the_list_is_true(name, dims):
    listed, found = listed_price(name, dims, PATCH[dims], CHANNELS, CLASSES), usual_price(name, dims)
    assert (listed.parameters, listed.flops) == (found.parameters, found.flops), ADVICE
    # what torch keeps for the backward pass is its own affair: another version may keep a little more or less
    assert listed.activations == pytest.approx(found.activations, rel=0.02), ADVICE
    assert listed.forward == pytest.approx(found.forward, rel=0.02), ADVICE
