from __future__ import annotations

import torch

from delineate.patches.persample import PerSample


class Shift(PerSample[float]):
    """Adds to the first channel, and marks the first voxel."""

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: float) -> None:
        image_cx[0] += p
        label_x[0, 0] = 7


def test_samples_with_parameters_are_varied_where_they_are_and_no_others():
    image, label = torch.zeros(3, 2, 4, 5), torch.zeros(3, 4, 5, dtype=torch.uint8)
    after, marked = Shift().apply(image, label, [1.0, None, 0.0])
    assert after is image and marked is label
    assert [float(i[0].mean()) for i in image] == [1, 0, 0] and not image[:, 1].any()
    assert label.flatten(1).sum(1).tolist() == [7, 0, 7], "zero is a parameter, None is none"
