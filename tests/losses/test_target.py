from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.losses.target import flatten

LABELS = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)


def test_ignored_voxels_are_marked_and_become_background():
    ids = torch.tensor([[[0, 1], [2, 255]]], dtype=torch.uint8)
    flat, target = flatten(torch.zeros(1, 3, 2, 2, dtype=torch.bfloat16), ids, LABELS)
    assert flat.shape == (1, 3, 4) and flat.dtype == torch.float32
    assert target.ids.tolist() == [[0, 1, 2, 0]] and target.ids.dtype == torch.int64
    assert target.valid is not None and target.valid.tolist() == [[True, True, True, False]]
    assert target.count == 3


def test_all_ignored_still_divides():
    _, target = flatten(torch.zeros(1, 3, 2, 2), torch.full((1, 2, 2), 255), LABELS)
    assert target.count == 1


def test_without_an_ignore_label_every_voxel_counts():
    labels = Labels.exclusive({1: "a"})
    _, target = flatten(torch.zeros(2, 2, 2, 2), torch.zeros(2, 2, 2, dtype=torch.int32), labels)
    assert target.valid is None and target.count == 8
    with pytest.raises(UsageError, match="from 0 to 1"):
        flatten(torch.zeros(2, 2, 2, 2), torch.full((2, 2, 2), 255), labels)
