"""`Segmenter`: a backbone, a head on its maps, and logits at the input's size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import nn

from delineate.core.auxiliary import Auxiliary
from delineate.nets.backbone import Backbone, build_backbone
from delineate.nets.head import build_head
from delineate.nets.nd import check_input
from delineate.nets.resize import resize


class Segmenter(nn.Module):
    """Logits of ``head`` over the maps of ``backbone``, enlarged to the input by linear interpolation.

    ``side`` is a second head, for training only, named ``side`` among the auxiliary outputs and weighted by
    ``side_weight`` (0.4 in Zhao et al., CVPR 2017).
    """

    def __init__(
        self,
        dims: int,
        in_channels: int,
        backbone: nn.Module,
        head: nn.Module,
        side: nn.Module | None = None,
        side_weight: float = 0.4,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        self.backbone, self.head, self.side = backbone, head, side
        self.auxiliaries: dict[str, Auxiliary] = dict(getattr(head, "auxiliaries", {}))
        if side is not None:
            self.auxiliaries["side"] = Auxiliary(weight=side_weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor | dict[str, torch.Tensor]:
        """``[b, in, *size]`` to logits ``[b, out, *size]``; in training with auxiliary outputs, of that size too."""
        check_input(x, self.dims, self.in_channels)
        maps = self.backbone(x)
        out = self.head(maps)
        outputs: dict[str, torch.Tensor] = out if isinstance(out, dict) else {"out": out}
        if self.training and self.side is not None:
            outputs = {**outputs, "side": self.side(maps)}
        outputs = {name: resize(one, x.shape[2:]) for name, one in outputs.items()}
        return outputs if len(outputs) > 1 else outputs["out"]


def segmenter(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    backbone: str,
    head: str,
    output_stride: int = 8,
    backbone_options: Mapping[str, Any] | None = None,
    head_options: Mapping[str, Any] | None = None,
    side: Mapping[str, Any] | None = None,
) -> Segmenter:
    """A `Segmenter` of registered parts; ``side`` are options of the head `fcn`, None for no side output.

    Raises:
        UnknownNameError: no such backbone or head.
        UsageError: they do not fit together.
    """
    encoder = build_backbone(backbone, dims, in_channels, output_stride, backbone_options)
    channels = cast(Backbone, encoder).channels
    main = build_head(head, dims, channels, out_channels, head_options)
    extra = None if side is None else build_head("fcn", dims, channels, out_channels, side)
    return Segmenter(dims, in_channels, encoder, main, extra)


def dilated(backbone: str, given: Mapping[str, Any] | None, **reference: Any) -> dict[str, Any]:
    """Options of ``backbone``: those ``given``, over those of the paper's ResNet where it is one.

    Other backbones do not know a ResNet's options, so they start with none.
    """
    return {**(reference if backbone.startswith("resnet") else {}), **(given or {})}
