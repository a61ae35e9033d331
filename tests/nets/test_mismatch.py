"""Files of other backbones, told for what they are."""

from __future__ import annotations

import pytest
import torch

from delineate.nets.backbone import build_backbone
from delineate.nets.loadcheck import check_weights
from delineate.nets.net import build_net


def made(name, **options):
    with torch.device("meta"):
        return build_backbone(name, 2, 3, 32, options)


@pytest.mark.parametrize(
    ("file", "options", "net", "wanted", "words"),
    [
        ("resnet101", {}, "resnet50", {}, ["another depth: 23 of layer3 for 6"]),
        ("resnet50", {}, "resnet101", {}, ["another depth: 6 of layer3 for 23"]),
        ("resnet18", {}, "resnet50", {}, ["two convolutions each, for bottlenecks (layer1.0.conv3", "another depth"]),
        ("resnet50", {}, "resnet34", {}, ["bottlenecks (layer1.0.conv3.weight), for blocks of two"]),
        ("resnet18", {"skip": "pad"}, "resnet18", {}, ["another shortcut: the file has no weights in any (layer2.0.d"]),
        ("resnet18", {}, "resnet18", {"skip": "pad"}, ["another shortcut: the file has weights in its shortcuts"]),
        ("resnet18", {"skip": "mean"}, "resnet18", {}, ["another shortcut: layer2.0.downsample.2.bias in the file"]),
        ("resnet50s", {}, "resnet50", {}, ["another stem: several convolutions for one (conv1)"]),
        ("resnet50", {}, "resnet50s", {}, ["another stem: one convolution for several (conv1)"]),
        ("densenet169", {}, "densenet121", {}, ["another depth: 32 of features.denseblock3.denselayer for 24"]),
        ("vgg16_bn", {}, "vgg16", {}, ["another depth: 26 of features for 13"]),
        ("mit_b2", {}, "mit_b1", {}, ["another depth: 3 of block1 for 2"]),
        ("mit_b0", {}, "mit_b1", {}, ["another width"]),
        ("resnet18", {"width": 32}, "resnet18", {}, ["another width"]),
    ],
)
def test_a_file_of_another_backbone(file, options, net, wanted, words):
    report = check_weights(made(net, **wanted), made(file, **options).state_dict())
    for word in words:
        assert any(word in told for told in report.suspicions), report.suspicions
    assert not report.complete and "not of this network: " + report.suspicions[0] in str(report)


@pytest.mark.parametrize("name", ["resnet50", "res2net50", "densenet121", "vgg16", "mit_b0", "xception41"])
def test_its_own_file_raises_no_suspicion(name):
    assert check_weights(made(name), made(name).state_dict()).suspicions == ()


def test_a_backbone_inside_a_network():
    with torch.device("meta"):
        net = build_net("pspnet", 2, 3, 2, {"backbone": "resnet50"})
    (told,) = check_weights(net, made("resnet101").state_dict()).suspicions
    assert told == "another depth: 23 of backbone.layer3 for 6"
    assert check_weights(net, made("resnet50").state_dict()).suspicions == ()
