from __future__ import annotations

import torch

from delineate.nets import NETS, build_net, count_parameters


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("ocnet_asp", 2, 3, 20)
    assert count_parameters(net) == 62_543_208  # openseg-group/OCNet.pytorch, auxiliary head included


def test_any_backbone_fits():
    net = build_net(
        "ocnet_asp", 2, 1, 2, {"backbone": "resnet18", "backbone_options": {"width": 4}, "output_stride": 16}
    )
    assert net.eval()(torch.randn(1, 1, 33, 20)).shape == (1, 2, 33, 20)


def test_the_auxiliary_head_drops_as_much_as_the_references():
    net = build_net("ocnet_asp", 2, 1, 2, NETS["ocnet_asp"].card.small)
    (drop,) = [m for m in net.side.modules() if isinstance(m, torch.nn.Dropout2d)]
    assert drop.p == 0.1
