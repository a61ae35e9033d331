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


def test_slabs_that_do_not_cover_the_plane_follow_a_slanted_lesion(memory_source):
    label = np.zeros((20, 50, 6), np.uint8)
    for z in (*range(3, 9), *range(11, 18)):  # two slices within it are not known of
        label[z, 2 * z : 2 * z + 2, 2] = 1
    for depth in (1, 3, 15):
        for draw in draws(memory_source({"a": label}), 100, (depth, 8, 6), foreground=1.0):
            z, y, x = (slice(max(s, 0), s + n) for s, n in zip(draw.start, (depth, 8, 6), strict=True))
            unknown = depth == 1 and draw.start[0] in (9, 10)
            assert label[{9: 8, 10: 11}[draw.start[0]], y, x].any() if unknown else label[z, y, x].any()


def test_it_is_told_how_many_lesions_fit(memory_source):
    index = SliceIndex(two_lesions(memory_source), ("a",))
    assert index.runs() == [4, 1]
    assert "1 of 2 lesions" in index.note(2) and "4 slices" in index.note(2)
    assert index.note(4) == ""
