from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters

TORCHVISION = {"output_stride": 8, "side": True, "backbone_options": {"dilation": "first_previous"}}


def on_meta(in_channels, **options):
    with torch.device("meta"):
        return build_net("deeplabv3", 2, in_channels, 20, options)


@pytest.mark.parametrize(("backbone", "params"), [("resnet50", 42_003_560), ("resnet101", 60_995_688)])
def test_parameters_equal_torchvision(backbone, params):
    net = on_meta(3, backbone=backbone, **TORCHVISION)
    assert count_parameters(net) == params
    assert [b[0].dilation[0] for b in net.head.pyramid.branches] == [1, 12, 24, 36]
    assert [b.conv2.dilation[0] for b in net.backbone.layer4] == [2, 4, 4]


def test_parameters_equal_segmentation_models():
    assert count_parameters(on_meta(1)) == 39_632_340


def test_by_default_the_multi_grid_of_the_paper():
    net = on_meta(1)
    assert [b.conv2.dilation[0] for b in net.backbone.layer4] == [2, 4, 8]
    assert [b[0].dilation[0] for b in net.head.pyramid.branches] == [1, 6, 12, 18]
