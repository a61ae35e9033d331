"""Heads on random maps."""

from __future__ import annotations

from typing import Any

import torch

from delineate.nets.head import build_head
from originals.pair import Pair, Side

CLASSES, WIDE, WIDTH = 5, 48, 16
SIZES = ((15, 12), (17, 23))
NORM = {"type": "BN"}
LEAKY = {"type": "LeakyReLU", "negative_slope": 0.01}


def mmseg(  # noqa: PLR0913
    ours: str,
    head: str,
    theirs_options: Any,
    ours_options: Any = None,
    change: Any = lambda head: None,
    maps: tuple[int, ...] = (WIDE,),
    sizes: Any = SIZES,
    order: tuple[str, ...] = (),
    remark: str = "",
) -> Pair:
    """A decode head of mmsegmentation; ``change`` alters it where it is not as its paper has it."""

    def build() -> tuple[Side, Side]:
        from mmseg.models import decode_heads

        several = len(maps) > 1
        options = {
            "in_channels": list(maps) if several else maps[0],
            "in_index": list(range(len(maps))) if several else 0,
            "channels": WIDTH,
            "num_classes": CLASSES,
            "norm_cfg": NORM,
            **theirs_options,
        }
        theirs = getattr(decode_heads, head)(**options)
        change(theirs)
        return Side(theirs, _first), Side(build_head(ours, 2, maps, CLASSES, ours_options))

    return Pair(f"head {ours}", "mmsegmentation", head, build, sizes, order, remark, maps=maps)


def _first(net: Any, x: Any) -> list[torch.Tensor]:
    out = net(x)
    return [out[0] if isinstance(out, tuple) else out]


def _without_side_logits(head: Any) -> None:
    head.pam_conv_seg = head.cam_conv_seg = torch.nn.Identity()


def _narrow_bottleneck(head: Any) -> None:
    from mmcv.cnn import ConvModule

    head.bottleneck = ConvModule(head.bottleneck.in_channels, head.channels, 1, norm_cfg=NORM)
    head.bottleneck.conv.register_forward_pre_hook(
        lambda layer, x: torch.cat((x[0][:, head.channels :], x[0][:, : head.channels]), 1)  # the pooled branch last
    )


def _loops(head: Any) -> None:
    """The compiled operator by its definition, and the convolution before the enlargement without its margin."""

    def collect(scores: torch.Tensor, distribute: bool = False) -> torch.Tensor:
        b, mask, h, w = scores.shape
        side = int(mask**0.5)
        out = scores.new_zeros(b, h * w, h * w)  # [from, to]
        for y, x in ((y, x) for y in range(h) for x in range(w)):
            for v, u in ((v, u) for v in range(h) for u in range(w)):
                score = scores[:, (v - y + side // 2) * side + u - x + side // 2, y, x]
                there, here = v * w + u, y * w + x
                out[:, *((here, there) if distribute else (there, here))] = score
        return out.view(b, h * w, h, w)

    del head.psamask_collect, head.psamask_distribute
    head.psamask_collect = collect
    head.psamask_distribute = lambda scores: collect(scores, distribute=True)
    head.proj.conv.padding = (0, 0)
    _swap(head.bottleneck.conv)


def _swap(conv: Any) -> None:
    """Takes the halves of its input the other way round."""
    conv.register_forward_pre_hook(lambda layer, x: torch.cat(x[0].chunk(2, 1)[::-1], 1))


PAIRS = [
    mmseg("fcn", "FCNHead", {"num_convs": 1, "concat_input": False}, {"width": WIDTH}),
    mmseg("ppm", "PSPHead", {"channels": 12, "pool_scales": (1, 2, 3, 6), "align_corners": True}, {"width": 12}),
    mmseg(
        "deeplabv3plus",
        "DepthwiseSeparableASPPHead",
        {"c1_in_channels": 24, "c1_channels": 48, "dilations": (1, 6, 12, 18), "in_channels": WIDE, "in_index": 1},
        {"width": WIDTH, "level": 0},
        _narrow_bottleneck,
        maps=(24, WIDE),
        order=("c1_bottleneck", "aspp_modules", "image_pool", "bottleneck", "sep_bottleneck", "conv_seg"),
        remark="its convolution behind the pyramid made 1x1, as in the paper, and the pooled branch taken last",
    ),
    mmseg(
        "danet",
        "DAHead",
        {"pam_channels": WIDTH // 8},
        {"width": WIDTH},
        _without_side_logits,
        remark="the sum's logits; ours multiplies channels in float32",
    ),
    mmseg("ccnet", "CCHead", {"recurrence": 2, "act_cfg": LEAKY}, {"width": WIDTH}, remark="leaky ReLU in both"),
    mmseg(
        "ann",
        "ANNHead",
        {"project_channels": WIDTH // 2, "query_scales": (1,), "key_pool_scales": (1, 3, 6, 8)},
        {"width": WIDTH},
        maps=(24, WIDE),
    ),
    mmseg(
        "emanet",
        "EMAHead",
        {"channels": WIDTH // 2, "ema_channels": WIDTH, "num_bases": 8, "num_stages": 3, "concat_input": False},
        {"width": WIDTH, "bases": 8},
        remark="ours finds the bases in float32",
    ),
    mmseg(
        "psanet",
        "PSAHead",
        {"mask_size": (17, 17), "psa_type": "bi-direction", "shrink_factor": 2, "psa_softmax": True},
        {"width": WIDTH, "mask": 17},
        _loops,
        sizes=((15, 13), (17, 9)),
        order=("reduce.", "attention.", "reduce_p.", "attention_p.", "proj", "bottleneck", "conv_seg"),
        remark="its compiled operator as loops; no margin around a 1x1 convolution; halves of a concatenation swapped",
    ),
]
