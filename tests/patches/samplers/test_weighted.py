from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.patches.guide import Guide
from delineate.patches.planes import turned, turned_guide
from delineate.patches.samplers.weighted import WeightedSampler
from delineate.store.likelihood import BlockMap, block_grid


class Maps:
    """Case a only in its last block, which holds 4 x 6 x 8 voxels of its 12 x 14 x 16; nothing else is asked for."""

    def get(self, name, index):
        weights = np.zeros(block_grid((12, 14, 16)))
        weights[-1, -1, -1], weights[0, 0, 0] = 3, 1
        return BlockMap.of(weights, (12, 14, 16))

    def names(self, index):
        return ("a",)


def test_places_are_drawn_by_their_weight(source):
    sampler = WeightedSampler(source, ("a",), (1, 1, 1), PatchConfig(), 0, Guide(weights=Maps()))
    starts = [sampler.sample(i, 0).start for i in range(800)]
    counts = Counter(tuple(v // 8 for v in s) for s in starts)
    assert set(counts) == {(0, 0, 0), (1, 1, 1)} and abs(counts[1, 1, 1] - 600) < 60
    assert len({s for s in starts if s[0] >= 8}) > 150  # of 192 voxels


def test_maps_turn_with_their_cases(source):
    guide = turned_guide(Guide(weights=Maps()), 2, 3)
    sampler = WeightedSampler(turned(source, 2), ("a",), (1, 1, 1), PatchConfig(), 0, guide)
    starts = np.array([sampler.sample(i, 0).start for i in range(200)])
    far = starts[starts[:, 0] >= 8]
    assert len(far) and (far < (16, 12, 14)).all() and (far >= 8).all()


def test_without_maps_it_is_told_before_training(source):
    with pytest.raises(UsageError, match="no probability maps"):
        WeightedSampler(source, source.names, (4, 4, 4), PatchConfig(), 0)
