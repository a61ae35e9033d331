from __future__ import annotations

from collections import Counter

from delineate.config import PatchConfig
from delineate.patches.samplers.uniform import UniformSampler


def test_cases_are_drawn_equally_often(source):
    sampler = UniformSampler(source, source.names, (4, 4, 4), PatchConfig(), 0)
    counts = Counter(sampler.sample(i, 0).case for i in range(600))
    assert set(counts) == set("abc") and min(counts.values()) > 160
