from __future__ import annotations

import numpy as np
import pytest
import torch

from delineate.patches.batch import Boxes
from delineate.patches.draw import Draw

DRAWS = [Draw("a", (0, 0, 0), "uniform")] * 3


def boxes(shape, dtype=np.uint8):
    made = Boxes.empty(3, 2, shape, dtype)
    made.image[...] = np.arange(3)[:, None, None, None, None]
    made.label[...] = np.arange(3)[:, None, None, None]
    return made


def test_three_dimensions():
    batch = boxes((4, 5, 6)).as_batch(DRAWS, 3)
    assert batch.image_bcx.shape == (3, 2, 4, 5, 6) and batch.image_bcx.dtype == torch.float32
    assert batch.label_bx.shape == (3, 4, 5, 6) and batch.label_bx.dtype == torch.uint8
    assert batch.image_bcx[2].unique() == 2 == batch.label_bx[2].unique()


def test_two_dimensions_drop_the_slice_axis():
    batch = boxes((1, 5, 6)).as_batch(DRAWS, 2)
    assert batch.image_bcx.shape == (3, 2, 5, 6) and batch.label_bx.shape == (3, 5, 6)
    assert batch.image_bcx.is_contiguous() and batch.label_bx.is_contiguous()


def test_what_was_filled_is_what_travels():
    made = boxes((1, 2, 2))
    assert made.as_batch(DRAWS, 3).image_bcx.data_ptr() == made.image.ctypes.data


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.int32, np.int64])
def test_large_ids_survive(dtype):
    made = boxes((1, 2, 2), dtype)
    made.label[...] = np.iinfo(dtype).max
    batch = made.as_batch(DRAWS, 2)
    assert batch.label_bx.dtype == torch.int64 and batch.label_bx.unique() == np.iinfo(dtype).max


def test_to_a_device_keeps_the_rest():
    batch = boxes((1, 5, 6)).as_batch(DRAWS, 2)
    assert batch.to("cpu").draws == batch.draws
