from __future__ import annotations

import numpy as np

from delineate.store import foreground
from delineate.store.foreground import sample_foreground


def test_all_voxels_or_a_seeded_sample_of_each_id(monkeypatch):
    monkeypatch.setattr(foreground, "_SLAB_VOXELS", 200)
    label = np.random.default_rng(0).choice(np.array([0, 1, 2, 255], np.uint8), (9, 20, 30), p=[0.6, 0.3, 0.05, 0.05])
    rows = sample_foreground(label, 255, limit=500)
    assert set(rows[:, 0]) == {1, 2}
    np.testing.assert_array_equal(rows[rows[:, 0] == 2, 1:], np.argwhere(label == 2))
    ones = rows[rows[:, 0] == 1, 1:]
    assert len(ones) == len(np.unique(ones, axis=0)) == 500 and (label[tuple(ones.T)] == 1).all()
    assert np.abs(ones.mean(axis=0) - np.argwhere(label == 1).mean(axis=0)).max() < 1.5
    np.testing.assert_array_equal(sample_foreground(label, 255, limit=500), rows)
    assert 255 in sample_foreground(label, None)[:, 0]


def test_places_are_those_of_the_whole_label():
    label = np.zeros((6, 7, 8), np.uint16)
    label[2:4, 5, 3:6] = 300
    rows = sample_foreground(label, None)
    assert set(rows[:, 0]) == {300}
    np.testing.assert_array_equal(rows[:, 1:], np.argwhere(label == 300))


def test_nothing_in_nothing_out():
    assert sample_foreground(np.zeros((3, 4, 5), np.uint8), None).shape == (0, 4)
