from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import label as scipy_label

from delineate.dataset.components import count_components, count_parts

FULL = np.ones((3, 3, 3))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("slab_voxels", [1, 200, 10**6])
def test_slabs_count_what_scipy_counts_on_the_whole(seed: int, slab_voxels: int) -> None:
    rng = np.random.default_rng(seed)
    mask = (rng.random((11, 9, 13)) < (0.05, 0.1, 0.2, 0.5)[seed]).astype(np.uint8) * 3
    assert count_components(mask, (3,), slab_voxels) == scipy_label(mask, FULL)[1]


def test_a_union_is_one_mask() -> None:
    label = np.zeros((3, 4, 5), np.int16)
    label[0, 0, 0], label[1, 1, 1], label[2, 3, 4] = 1, 2, 1
    assert count_parts(label, [(1,), (2,), (1, 2), (7,)]) == {(1,): 2, (2,): 1, (1, 2): 2, (7,): 0}


@pytest.mark.parametrize("shift", [-3, 70_000])
def test_values_that_fit_no_table_are_counted_too(shift: int) -> None:
    label = np.zeros((2, 3, 9), np.int32)
    label[0, 0, 0] = label[0, 2, 8] = shift
    assert count_parts(label, [(shift,)]) == {(shift,): 2}


def test_nothing_has_no_parts() -> None:
    assert count_components(np.zeros((2, 2, 2), np.uint8), (1,)) == 0
    assert count_components(np.zeros((0, 2, 2), np.uint8), (1,)) == 0
