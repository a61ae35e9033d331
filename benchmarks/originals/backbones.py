"""Backbones; every one by its published names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import build_backbone
from originals.pair import Pair, Side

EVEN = ((64, 96),)
HALVES = "even sizes only: ours rounds odd ones up, theirs down"


def resnet(package: str, name: str, ours: str, stride: int, ours_options: Any = None, **options: Any) -> Pair:
    """All five maps."""

    def build() -> tuple[Side, Side]:
        if package == "timm":
            import timm

            theirs = timm.create_model(name, output_stride=stride, **options)
        else:
            import torchvision

            dilated = {8: [False, True, True], 16: [False, False, True], 32: None}[stride]
            theirs = torchvision.models.get_model(name, replace_stride_with_dilation=dilated, **options)
        return Side(theirs, _resnet_maps), Side(build_backbone(ours, 2, 3, stride, ours_options))

    told = f"{name}, output stride {stride}"
    remark = "all maps" + (", dilation='first_previous'" if ours_options else "")
    return Pair(ours, package, told, build, remark=remark)


def _resnet_maps(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    maps = [F.relu(net.bn1(net.conv1(x)))]
    x = net.maxpool(maps[0])
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        x = layer(x)
        maps.append(x)
    return maps


def plain(
    package: str, name: str, ours: str, last: int, run: Any, sizes: Sequence[Any] = EVEN, stride: int = 32
) -> Pair:
    """The last maps; the names are the same."""

    def build() -> tuple[Side, Side]:
        if package == "timm":
            import timm

            theirs = timm.create_model(name, output_stride=stride)
        elif package == "torchvision":
            import torchvision

            theirs = torchvision.models.get_model(name)
        else:
            from segmentation_models_pytorch.encoders import get_encoder

            theirs = get_encoder(name, weights=None)
        return Side(theirs, run), Side(build_backbone(ours, 2, 3, stride), lambda net, x: net(x)[last:])

    told = name + (f", output stride {stride}" if stride < 32 else "")
    remark = "all maps" if last < -1 else "the last map"
    return Pair(ours, package, told, build, tuple(sizes), remark=remark + (f"; {HALVES}" if sizes == EVEN else ""))


def _vgg_maps(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    maps = []
    for part in net.features:
        x = part(x)
        if isinstance(part, nn.MaxPool2d):
            maps.append(x)
    return maps


def _densenet(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    return [F.relu(net.features(x))]


PREVIOUS = {"dilation": "first_previous"}
BOTH = ((64, 96), (65, 47))
PAIRS = [
    resnet("torchvision", "resnet18", "resnet18", 32),
    resnet("torchvision", "resnet50", "resnet50", 32),
    resnet("torchvision", "resnet50", "resnet50", 16, PREVIOUS),
    resnet("torchvision", "resnet50", "resnet50", 8, PREVIOUS),
    resnet("timm", "resnet50s", "resnet50s", 32),
    resnet("timm", "resnet50s", "resnet50s", 8, PREVIOUS),
    resnet("timm", "res2net50d", "res2net50", 32),
    plain("torchvision", "densenet121", "densenet121", -1, _densenet),
    plain("torchvision", "densenet161", "densenet161", -1, _densenet),
    plain("torchvision", "vgg16", "vgg16", -5, _vgg_maps),
    plain("torchvision", "vgg16_bn", "vgg16_bn", -5, _vgg_maps),
    plain("timm", "xception41", "xception41", -1, lambda net, x: [net.forward_features(x)], BOTH),
    plain("timm", "xception65", "xception65", -1, lambda net, x: [net.forward_features(x)], BOTH, 16),
    plain("segmentation-models-pytorch", "mit_b0", "mit_b0", -4, lambda net, x: net(x)[-4:], BOTH),
    plain("segmentation-models-pytorch", "mit_b2", "mit_b2", -4, lambda net, x: net(x)[-4:], BOTH),
]
