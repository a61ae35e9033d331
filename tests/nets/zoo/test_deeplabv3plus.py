from __future__ import annotations

import pytest
import torch

from delineate.nets import build_net, count_parameters


def on_meta(in_channels, **options):
    with torch.device("meta"):
        return build_net("deeplabv3plus", 2, in_channels, 20, options)


@pytest.mark.parametrize(("backbone", "params"), [("resnet50", 26_676_196), ("resnet101", 45_668_324)])
def test_parameters_are_those_of_segmentation_models_and_the_norms_it_leaves_out(backbone, params):
    """It has no norm between the two halves of a separable convolution; one 3x3 convolution stands after the pyramid
    instead of in the decoder, which has the same parameters."""
    norms = 2 * (3 * 2048 + (256 + 48) + 256)
    assert count_parameters(on_meta(1, backbone=backbone)) == params + norms


def test_the_head_follows_the_layer_list():
    head = on_meta(1).head
    dense = 2048 * 256 + 2 * 256
    pyramid = 2 * dense + 3 * (9 * 2048 + 2 * 2048 + dense) + 5 * 256 * 256 + 2 * 256
    body = sum(9 * n + 2 * n + n * 256 + 2 * 256 for n in (304, 256))
    assert count_parameters(head) == pyramid + 256 * 48 + 2 * 48 + body + 256 * 20 + 20


@pytest.mark.parametrize(
    ("backbone", "stride", "options"),
    [
        ("resnet18", 16, {"width": 4}),
        ("densenet121", 8, {"width": 8, "growth": 4, "depths": (1, 1, 1, 1)}),
        ("mit_b0", 32, {"widths": (8, 8, 10, 16), "depths": (1, 1, 1, 1)}),  # four maps, the first at a quarter
    ],
)
def test_logits_are_made_at_a_quarter(backbone, stride, options):
    told = {"backbone": backbone, "output_stride": stride, "width": 8, "backbone_options": options}
    net = build_net("deeplabv3plus", 2, 1, 2, told)
    maps = net.backbone(torch.randn(2, 1, 32, 48))
    assert net.head(maps).shape == (2, 2, 8, 12)


def test_without_separable_convolutions_it_is_a_published_port_and_the_norm_of_the_pooled_branch():
    net = on_meta(1, backbone="resnet101", separable=False)
    assert count_parameters(net) == 59_337_268 + 2 * 256  # jfzhang95, its ResNet-101 form
