from __future__ import annotations

import numpy as np

from delineate.config import PatchConfig
from delineate.patches.samplers.slab import SlabSampler
from delineate.patches.slices import SliceIndex


def two_lesions(memory_source):
    """Slices 3 to 6 and, at the very end, 19."""
    label = np.zeros((20, 12, 12), np.uint8)
    label[3:7, 2:5, 2:5] = 1
    label[19, 11, 11] = 1
    return memory_source({"a": label})


def draws(source, n, box, **knobs):
    sampler = SlabSampler(source, source.names, box, PatchConfig(**knobs), 0)
    return [sampler.sample(i, 0) for i in range(n)]


def test_a_slab_holds_a_lesion_whole_and_the_plane_too(memory_source):
    starts = {d.start for d in draws(two_lesions(memory_source), 200, (5, 12, 12), foreground=1.0)}
    assert {s[1:] for s in starts} == {(0, 0)}
    assert {s[0] for s in starts if s[0] < 10} == {2, 3}
    assert {s[0] for s in starts if s[0] >= 10} == {15}  # the last slice, half a voxel beyond it nowhere


def test_slabs_thinner_than_the_lesion_lie_within_it(memory_source):
    starts = {d.start[0] for d in draws(two_lesions(memory_source), 200, (2, 12, 12), foreground=1.0)}
    assert starts == {3, 4, 5, 18}


def test_it_is_told_how_many_lesions_fit(memory_source):
    index = SliceIndex(two_lesions(memory_source), ("a",))
    assert index.runs() == [4, 1]
    assert "1 of 2 lesions" in index.note(2) and "4 slices" in index.note(2)
    assert index.note(4) == ""
