from __future__ import annotations

import torch

from delineate.nets import build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net, plain = build_net("r2attunet", 2, 1, 20), build_net("r2unet", 2, 1, 20)
    assert count_parameters(net) == 39_444_032  # LeeJunHyun/Image_Segmentation, t=2
    assert count_parameters(net) - count_parameters(plain) == count_parameters(net.gates)
