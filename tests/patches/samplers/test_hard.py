from __future__ import annotations

from collections import Counter

import numpy as np

from delineate.config import PatchConfig
from delineate.patches.guide import Guide
from delineate.patches.mistakes import Mistakes
from delineate.patches.samplers.hard import HardSampler
from delineate.store.likelihood import BlockMap, block_grid


def sampler_of(source, folder, **knobs):
    mistakes = Mistakes(folder)
    return mistakes, HardSampler(source, source.names, (1, 1, 1), PatchConfig(**knobs), 0, Guide(mistakes=mistakes))


def corner_map(shape):
    counts = np.zeros(block_grid(shape))
    counts[-1, -1, -1] = 3
    return BlockMap.of(counts, shape)


def test_before_a_validation_it_draws_foreground(source, tmp_path):
    _, sampler = sampler_of(source, tmp_path, hard=0.5, foreground=0.25)
    kinds = Counter(sampler.sample(i, 0).kind for i in range(400))
    assert kinds == {"foreground": 300, "uniform": 100}


def test_afterwards_where_the_network_was_wrong_from_the_stated_draw_on(source, tmp_path):
    mistakes, sampler = sampler_of(source, tmp_path, hard=0.5, foreground=0.25)
    mistakes.add(200, {"b": corner_map(source.shape("b")), "c": None})
    draws = [sampler.sample(i, 0) for i in range(600)]
    assert Counter(d.kind for d in draws[200:]) == {"hard": 200, "foreground": 100, "uniform": 100}
    assert "hard" not in {d.kind for d in draws[:200]}
    hard = [d for d in draws if d.kind == "hard"]
    assert {d.case for d in hard} == {"b"} and all(d.start[1] >= 16 and d.start[2] >= 16 for d in hard)


def test_odd_shares_are_exact_too(source, tmp_path):
    mistakes, sampler = sampler_of(source, tmp_path, hard=0.125, foreground=0.25)
    mistakes.add(0, {"b": corner_map(source.shape("b"))})
    kinds = Counter(sampler.sample(i, 0).kind for i in range(800))
    assert kinds == {"hard": 100, "foreground": 200, "uniform": 500}


def test_a_resumed_run_draws_the_same(source, tmp_path):
    mistakes, sampler = sampler_of(source, tmp_path)
    mistakes.add(10, {"b": corner_map(source.shape("b"))})
    mistakes.add(50, {"a": corner_map(source.shape("a"))})
    _, again = sampler_of(source, tmp_path)
    assert [again.sample(i, 0) for i in range(100)] == [sampler.sample(i, 0) for i in range(100)]


def test_the_shares_never_exceed_all(source, tmp_path):
    _, sampler = sampler_of(source, tmp_path, hard=0.75, foreground=0.5)
    assert sum(sampler.asked.values()) == 1 and min(sampler.asked.values()) == 0
    assert {sampler.sample(i, 0).kind for i in range(100)} == {"foreground"}
