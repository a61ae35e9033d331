from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from delineate.patches.rigid import draw_rotation, in_voxels


def test_rotations_are_rotations_within_their_axes():
    for seed in range(20):
        matrix = draw_rotation(np.random.default_rng(seed), 3, (1, 2), 25.0)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
        np.testing.assert_array_equal(matrix[0], [1, 0, 0])
        assert Rotation.from_matrix(matrix).magnitude() <= np.radians(25)


def test_every_axis_pair_turns():
    matrix = draw_rotation(np.random.default_rng(0), 3, (0, 1, 2), 25.0)
    assert (np.abs(matrix[~np.eye(3, dtype=bool)]) > 1e-3).all() and np.linalg.det(matrix) > 0


def test_voxels_are_millimetres_over_spacing():
    spacing, matrix, offset = np.array([3.0, 0.5]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.7, -2.0])
    np.testing.assert_allclose(in_voxels(matrix, tuple(spacing)) @ (offset / spacing), matrix @ offset / spacing)
