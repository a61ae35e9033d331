from __future__ import annotations

import numpy as np
import torch

from delineate.config import PatchConfig
from delineate.patches.augment.cutout import Cutout, CutoutParams
from delineate.patches.augmentation import AugmentSettings


def test_boxes_are_empty_and_the_label_stays():
    image, label = torch.ones(2, 2, 10, 20), torch.randint(0, 4, (2, 10, 20))
    p = CutoutParams((((0.2, 0.5), (0.5, 0.6)), ((0.95, 0.99), (0.0, 0.1))), 1)
    after, after_label = Cutout().apply(image.clone(), label.clone(), [None, p])
    wanted = torch.ones(10, 20)
    wanted[2:5, 10:12] = 0
    wanted[9:10, 0:2] = 0
    assert torch.equal(after[1, 0], wanted) and torch.equal(after_label, label)
    assert torch.equal(after[0], image[0]) and torch.equal(after[1, 1], image[1, 1])


def test_boxes_lie_in_the_patch():
    settings = AugmentSettings(knobs=PatchConfig(cutout=1), dims=3, spacing_mm=(1.0, 1.0, 1.0))
    boxes = [b for i in range(50) for b in Cutout().decide(np.random.default_rng(i), settings).boxes]
    ends = np.asarray(boxes)
    assert 50 < len(boxes) < 150 and (ends >= 0).all() and (ends <= 1).all()
    sizes = ends[..., 1] - ends[..., 0]
    assert sizes.min() >= 0.1 and sizes.max() <= 0.3
