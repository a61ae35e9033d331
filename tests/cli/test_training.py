"""What ``delineate train`` works out before the work begins."""

from __future__ import annotations

import time

import pytest

from delineate import steps
from delineate.cli.training import dimensions, process_start
from delineate.core.errors import UsageError


@pytest.mark.parametrize(("text", "value"), [("2", 2), ("2.5", 2.5), ("3", 3)])
def test_dimensions(text, value):
    assert dimensions(text) == value


@pytest.mark.parametrize("text", ["4", "2.0", "three", ""])
def test_other_dimensions_are_refused(text):
    with pytest.raises(UsageError, match="not available"):
        dimensions(text)


def test_start_up_counts():
    """The process began before this line, and no longer ago than the machine runs."""
    now = time.monotonic()
    assert 0 < now - process_start() < now + 1


def test_a_network_its_encoder_and_its_options_reach_the_training(cli, monkeypatch, tmp_path):
    seen = []

    def train(data, out, config, **rest):
        seen.append(config.plan)
        raise UsageError("that is enough", "nothing", "")

    monkeypatch.setattr(steps, "train", train)
    flags = ("--net", "danet", "--backbone", "res2net50", "--set", "plan.net_options.width=8", "--dims", "2")
    assert cli("train", tmp_path, "-o", tmp_path / "run", *flags)[0] == 1
    assert cli("train", tmp_path, "-o", tmp_path / "run", "--set", "plan.size=M")[0] == 1
    assert seen[0].net == "danet" and seen[0].net_options == {"backbone": "res2net50", "width": 8}
    assert seen[0].dims == 2 and seen[1].size == "M" and seen[1].net == "resenc_unet"
