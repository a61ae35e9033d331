from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.patches.samplers.grid import GridSampler


@pytest.mark.parametrize("box", [(4, 5, 6), (1, 7, 7), (30, 30, 30)])
def test_a_pass_covers_every_voxel_of_every_case_once(source, box):
    sampler = GridSampler(source, source.names, box, PatchConfig(), 0)
    total = sum(int(np.prod([-(-n // p) for n, p in zip(source.shape(c), box, strict=True)])) for c in source.names)
    for turn in range(2):
        draws = [sampler.sample(turn * total + i, 0) for i in range(total)]
        assert max(Counter((d.case, d.start) for d in draws).values()) == 1
        for case in source.names:
            seen = np.zeros(source.shape(case), bool)
            for draw in draws:
                if draw.case == case:
                    seen[tuple(slice(s, s + p) for s, p in zip(draw.start, box, strict=True))] = True
            assert seen.all()


def test_passes_differ_in_order(source):
    sampler = GridSampler(source, source.names, (4, 4, 4), PatchConfig(), 0)
    total = sum(int(np.prod([-(-n // 4) for n in source.shape(c)])) for c in source.names)
    first, second = ([sampler.sample(turn * total + i, 0) for i in range(total)] for turn in range(2))
    assert first != second and set(first) == set(second)
