"""Each room lists its plug-ins, as text and as JSON."""

from __future__ import annotations

import json

import pytest

from delineate.cli.plugins import ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_lists(cli, room):
    status, out, err = cli(room, "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told
    assert all(told.values()), "each says what it is"
    status, text, _ = cli(room)
    assert status == 0 and all(name in text for name in told)


@pytest.mark.parametrize("room", ROOMS)
def test_no_two_say_the_same_of_themselves(cli, room):
    told = list(json.loads(cli(room, "--json")[1]).values())
    assert len(set(told)) == len(told)


def test_a_metric_is_told_by_its_formula(cli):
    assert json.loads(cli("metrics", "--json")[1])["dice"] == "2 TP / (2 TP + FP + FN)."
