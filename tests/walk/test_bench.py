"""What loading is measured as; nothing here depends on how fast the machine is."""

from __future__ import annotations

import json

import pytest

from delineate import steps
from delineate.config import load_config
from delineate.steps.benching import PIECES, advise, find_bottleneck

SETS = ("train.steps=6", "plan.width=4", "plan.batch=2", "train.precision=fp32", "plan.patch=[16,16,16]")
FAST = dict.fromkeys(PIECES, 0.001)


@pytest.mark.parametrize("piece", [p for p in PIECES if p != "step"])
def test_the_slowest_piece_of_loading_is_the_bottleneck_where_the_network_waits(piece):
    assert find_bottleneck({**FAST, piece: 1.0}, 2, loading_per_s=1.0) == piece


def test_the_network_is_the_bottleneck_where_loading_is_faster():
    assert find_bottleneck({**FAST, "augment": 0.3, "step": 0.5}, 2, loading_per_s=3.0) == "step"


def test_readers_share_what_they_read():
    pieces = {**FAST, "decompress": 0.03, "augment": 0.02}
    assert find_bottleneck(pieces, 0, 10.0) == find_bottleneck(pieces, 1, 10.0) == "decompress"
    assert find_bottleneck(pieces, 2, 10.0) == "augment"


@pytest.mark.parametrize("piece", PIECES)
def test_every_bottleneck_has_advice(piece):
    told = advise(piece, 2, 2**30, 3.0)
    assert len(told) > 20
    assert piece != "decompress" or "patches.workers=3" in told


def test_bench_prepares_measures_and_leaves_a_run_to_go_on_with(balls, tmp_path):
    config = load_config(sets=(*SETS, "patches.workers=1"))
    told = steps.bench(balls, tmp_path / "run", config, seconds=0.1)
    assert set(told.piece_ms) == set(PIECES) and all(v >= 0 for v in told.piece_ms.values())
    assert told.piece_ms["decompress"] > 0 and told.piece_ms["augment"] > 0
    assert set(told.loading_per_s) == {0, 1} and all(v > 0 for v in told.loading_per_s.values())
    assert told.bottleneck in PIECES and told.patch == (16, 16, 16) and told.batch == 2
    before = sorted(p.stat().st_mtime_ns for p in (tmp_path / "run" / "prepared").rglob("image.b2nd"))
    steps.bench(balls, tmp_path / "run", config, seconds=0.1)
    assert sorted(p.stat().st_mtime_ns for p in (tmp_path / "run" / "prepared").rglob("image.b2nd")) == before
    assert steps.train(balls, tmp_path / "run", config, resume=True).complete


def test_bench_on_the_command_line_leaves_nothing_behind(balls, tmp_path, monkeypatch, cli):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for more in ((), ("--json",)):
        arguments = [a for s in SETS for a in ("--set", s)]
        status, told, err = cli("bench", balls, "--seconds", "0.1", *arguments, *more)
        assert status == 0, err
        assert "decompress" in told and "bottleneck" in told
    assert json.loads(told)["patch"] == [16, 16, 16]
    assert list(tmp_path.iterdir()) == []
