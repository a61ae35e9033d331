"""Whole networks."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.net import build_net
from originals.pair import Pair, Side

CLASSES = 4
EVEN = ((64, 96),)


def torchvision(ours: str, name: str, **options: Any) -> Pair:
    """Both outputs."""

    def build() -> tuple[Side, Side]:
        from torchvision.models import get_model

        theirs = get_model(name, weights=None, weights_backbone=None, aux_loss=True, num_classes=CLASSES)
        return Side(theirs, lambda net, x: [net(x)["out"], net(x)["aux"]]), Side(
            build_net(ours, 2, 3, CLASSES, options), _both
        )

    return Pair(ours, "torchvision", name, build, remark="also the auxiliary output")


def _both(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    """Also the output for training, with norms as in eval."""
    net.training = True
    outs = net(x)
    net.training = False
    return [outs["out"], outs["side"]]


def transformers(size: int) -> Pair:
    """By the names of its state dict."""

    def build() -> tuple[Side, Side]:
        from transformers import SegformerConfig, SegformerForSemanticSegmentation

        depths, widths = (([2, 2, 2, 2], [32, 64, 160, 256]), ([3, 4, 6, 3], [64, 128, 320, 512]))[size > 0]
        config = SegformerConfig(
            depths=depths, hidden_sizes=widths, decoder_hidden_size=768 if size > 1 else 256, num_labels=CLASSES
        )
        theirs = SegformerForSemanticSegmentation(config)
        for name, norm in theirs.named_modules():
            if isinstance(norm, nn.LayerNorm) and not name.endswith(("embeddings.layer_norm", "reduction.layer_norm")):
                norm.eps = 1e-6
        return Side(theirs, _enlarged), Side(build_net(f"segformer_b{size}", 2, 3, CLASSES))

    told = f"SegformerForSemanticSegmentation, B{size}"
    return Pair(
        f"segformer_b{size}",
        "transformers",
        told,
        build,
        remark="logits enlarged; norms add 1e-6 as the authors' do, not 1e-5",
    )


def _enlarged(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    return [F.interpolate(net(x).logits, size=x.shape[2:], mode="bilinear")]


def monai_unet(dims: int) -> Pair:
    """The last way up halves channels, as those before do and as in the paper."""

    def build() -> tuple[Side, Side]:
        from monai.networks.nets import BasicUNet
        from monai.networks.nets.basic_unet import UpCat

        kind: dict[str, Any] = {"act": "relu", "norm": "batch", "bias": True, "dropout": 0.0}
        theirs = BasicUNet(dims, 1, CLASSES, (8, 16, 32, 64, 128, 8), **kind)
        theirs.upcat_1 = UpCat(dims, 16, 8, 8, **kind, upsample="deconv", halves=True)
        return Side(theirs), Side(build_net("unet", dims, 1, CLASSES, {"widths": (8, 16, 32, 64, 128)}))

    sizes = EVEN if dims == 2 else ((32, 16, 48),)
    told = "BasicUNet with batch norm and ReLU"
    return Pair(
        f"unet, {dims}D", "monai", told, build, sizes, remark="its last up block halves channels, too", channels=1
    )


def highresnet(dims: int) -> Pair:
    """Its logits pass a ReLU."""

    def build() -> tuple[Side, Side]:
        from monai.networks.nets import HighResNet

        ours = build_net("highresnet", dims, 1, CLASSES)
        return Side(HighResNet(dims, 1, CLASSES)), Side(ours, lambda net, x: [F.relu(net(x))])

    sizes = ((33, 47),) if dims == 2 else ((12, 9, 17),)
    return Pair(
        f"highresnet, {dims}D", "monai", "HighResNet", build, sizes, remark="its last ReLU behind ours", channels=1
    )


def nnunet(dims: int, residual: bool) -> Pair:
    """With the options that nnU-Net gives it."""

    def build() -> tuple[Side, Side]:
        from dynamic_network_architectures.architectures import unet

        conv, norm = (nn.Conv2d, nn.InstanceNorm2d) if dims == 2 else (nn.Conv3d, nn.InstanceNorm3d)
        kind = {"conv_op": conv, "conv_bias": True, "norm_op": norm, "norm_op_kwargs": {"eps": 1e-5, "affine": True}}
        kind |= {"nonlin": nn.LeakyReLU, "nonlin_kwargs": {"inplace": True}, "deep_supervision": False}
        sizes = (1, 4, (8, 16, 32, 32), conv, 3, (1, 2, 2, 2))
        del kind["conv_op"]
        blocks = (1, 3, 4, 6) if residual else (2, 2, 2, 2)
        ours: dict[str, Any] = {
            "widths": (8, 16, 32, 32),
            "blocks": blocks,
            "decoder_blocks": (1,) * 3 if residual else (2,) * 3,
        }
        maker = unet.ResidualEncoderUNet if residual else unet.PlainConvUNet
        theirs = maker(sizes[0], sizes[1], *sizes[2:], blocks, CLASSES, ours["decoder_blocks"], **kind)
        return Side(theirs), Side(build_net("resenc_unet" if residual else "plain_unet", dims, 1, CLASSES, ours))

    name, told = ("resenc_unet", "ResidualEncoderUNet") if residual else ("plain_unet", "PlainConvUNet")
    sizes = EVEN if dims == 2 else ((16, 24, 32),)
    return Pair(f"{name}, {dims}D", "dynamic-network-architectures", told, build, sizes, channels=1)


def segnet() -> Pair:
    """As it is."""

    def build() -> tuple[Side, Side]:
        from pytorchcv.model_provider import get_model

        return Side(get_model("segnet_cityscapes", num_classes=CLASSES)), Side(build_net("segnet", 2, 3, CLASSES))

    return Pair("segnet", "pytorchcv", "segnet_cityscapes", build, EVEN)


def bisenetv2() -> Pair:
    """Backbone and head."""

    def build() -> tuple[Side, Side]:
        from mmseg.models.backbones import BiSeNetV2
        from mmseg.models.decode_heads import FCNHead

        head = {"in_channels": 128, "channels": 1024, "num_convs": 1, "concat_input": False, "num_classes": CLASSES}
        theirs = nn.ModuleDict(
            {"body": BiSeNetV2(out_indices=(0,)), "head": FCNHead(**head, norm_cfg={"type": "BN"}, in_index=0)}
        )
        return Side(theirs, _bisenetv2), Side(build_net("bisenetv2", 2, 3, CLASSES))

    stages = tuple(f"body.semantic.stage{i}." for i in range(1, 6))
    gates = tuple(
        f"body.bga.{n}." for n in ("detail_dwconv", "semantic_conv", "detail_down", "semantic_dwconv", "conv")
    )
    order = (*stages, "body.detail", "body.semantic.", *gates, "head")
    return Pair("bisenetv2", "mmsegmentation", "BiSeNetV2 and FCNHead", build, EVEN, order)


def _bisenetv2(net: Any, x: torch.Tensor) -> list[torch.Tensor]:
    return [F.interpolate(net["head"](net["body"](x)), size=x.shape[2:], mode="bilinear")]


class SwinEncoder(nn.Module):
    """The way down of our Swin-Unet."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        self.patch_embed, self.layers, self.norm = net.patch_embed, net.layers, net.norm

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, *size / 32, 8 * width]``."""
        x = self.patch_embed(x)
        for stage in self.layers:
            x = stage(x)
        return self.norm(x)


def swin() -> Pair:
    """The encoder is a Swin Transformer."""

    def build() -> tuple[Side, Side]:
        from timm.models.swin_transformer import SwinTransformer

        shape: dict[str, Any] = {"depths": (2, 2, 2, 2)}
        theirs = SwinTransformer(embed_dim=24, num_heads=(1, 2, 4, 8), **shape)
        ours = SwinEncoder(build_net("swinunet", 2, 3, CLASSES, {"width": 24, "heads": (1, 2, 4, 8), **shape}))
        return Side(theirs, lambda net, x: [net.forward_features(x)]), Side(ours)

    return Pair("swinunet, the encoder", "timm", "SwinTransformer", build, ((224, 224),), remark="a quarter as wide")


PAIRS = [
    torchvision("fcn_resnet", "fcn_resnet50"),
    torchvision(
        "deeplabv3", "deeplabv3_resnet50", output_stride=8, side=True, backbone_options={"dilation": "first_previous"}
    ),
    transformers(0),
    transformers(2),
    monai_unet(2),
    monai_unet(3),
    highresnet(2),
    highresnet(3),
    nnunet(2, residual=False),
    nnunet(3, residual=False),
    nnunet(2, residual=True),
    nnunet(3, residual=True),
    segnet(),
    bisenetv2(),
    swin(),
]
