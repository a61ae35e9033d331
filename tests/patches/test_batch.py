from __future__ import annotations

import numpy as np
import torch

from delineate.patches.batch import collate
from delineate.patches.draw import Draw

DRAW = Draw("a", (0, 0, 0), "uniform")


def boxes(shape, dtype=np.uint8):
    return [(np.full((2, *shape), i, np.float32), np.full(shape, i, dtype)) for i in range(3)]


def test_three_dimensions():
    batch = collate(boxes((4, 5, 6)), [DRAW] * 3, 3)
    assert batch.image_bcx.shape == (3, 2, 4, 5, 6) and batch.image_bcx.dtype == torch.float32
    assert batch.label_bx.shape == (3, 4, 5, 6) and batch.label_bx.dtype == torch.int64
    assert batch.image_bcx[2].unique() == 2 == batch.label_bx[2].unique()


def test_two_dimensions_drop_the_slice_axis():
    batch = collate(boxes((1, 5, 6)), [DRAW] * 3, 2)
    assert batch.image_bcx.shape == (3, 2, 5, 6) and batch.label_bx.shape == (3, 5, 6)


def test_large_ids_survive():
    label = np.full((1, 2, 2), 65535, np.uint16)
    assert collate([(np.zeros((1, 1, 2, 2), np.float32), label)], [DRAW], 2).label_bx.unique() == 65535


def test_to_a_device_keeps_the_rest():
    batch = collate(boxes((1, 5, 6)), [DRAW] * 3, 2)
    assert batch.to("cpu").draws == batch.draws
