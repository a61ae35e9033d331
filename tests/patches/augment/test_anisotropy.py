from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from delineate.config import PatchConfig
from delineate.patches.augment.anisotropy import Anisotropy, AnisotropyParams, thick_matrix
from delineate.patches.augmentation import AugmentSettings


def apply(image, p):
    return Anisotropy().apply(image.clone(), torch.zeros(1, *image.shape[2:]), [p])[0]


def test_whole_thickness_against_pooling_and_interpolation():
    image = torch.randn(1, 2, 5, 12, 6)
    thick = F.avg_pool3d(image, (1, 3, 1))
    wanted = F.interpolate(thick, size=(5, 12, 6), mode="trilinear", align_corners=False)
    after = apply(image, AnisotropyParams(1, 3.0, 1))
    torch.testing.assert_close(after[0, 0], wanted[0, 0])
    assert torch.equal(after[0, 1], image[0, 1])


@pytest.mark.parametrize(("size", "thickness"), [(13, 2.7), (7, 1.5), (1, 4.0), (3, 4.0)])
def test_any_thickness_keeps_a_constant_and_the_mean_of_the_inside(size, thickness):
    matrix = thick_matrix(size, thickness)
    np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-6)
    assert (matrix >= 0).all()


def test_one_axis_at_a_time_and_never_the_thick_one():
    knobs = PatchConfig(anisotropy=1)
    settings = AugmentSettings(knobs=knobs, dims=3, spacing_mm=(5.0, 1.0, 1.0), anisotropic=True)
    axes = {Anisotropy().decide(np.random.default_rng(i), settings).axis for i in range(20)}
    assert axes == {1, 2}
