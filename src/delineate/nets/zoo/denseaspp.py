"""DenseASPP on DenseNet-121, 161, 169 and 201."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter

BRANCHES = {121: (128, 64), 161: (512, 128), 169: (336, 168), 201: (480, 240)}
"""Channels of a branch: between its convolutions, and those it adds."""

SMALL = {"middle": 8, "width": 8, "backbone_options": {"width": 8, "growth": 4, "depths": (1, 2, 2, 2)}}


def _add(depth: int) -> None:
    """Register one depth."""
    between, added = BRANCHES[depth]
    card = NetCard(
        title=f"DenseASPP-{depth}",
        paper="Yang, Yu, Zhang, Li, Yang: DenseASPP for Semantic Segmentation in Street Scenes. CVPR 2018",
        stride=8,
        differs="statistics of the norms move by 0.1, torch's default, not by 0.0003, which is for fine-tuning; sizes "
        "that 8 does not divide are rounded up inside and the logits brought back to the input's; the authors' "
        "transition 4 and norm 5 are here the norm 5 of DenseNet and the head's halving convolution and norm; at an "
        "output stride of 16 nothing is enlarged to 1/8 before the branches; 3D: "
        "dilation rates are a third of the paper's, 1, 2, 4, 6 and 8",
        verified=f"parameters equal those of DeepMotionAIResearch/DenseASPP DenseASPP{depth}",
        small=SMALL,
    )

    @network(f"denseaspp_{depth}", card)
    def build(  # noqa: PLR0913
        dims: int,
        in_channels: int,
        out_channels: int,
        backbone: str = f"densenet{depth}",
        output_stride: int = 8,
        middle: int = between,
        width: int = added,
        rates: Sequence[int] | None = None,
        dropout: float = 0.1,
        halve: bool = True,
        backbone_options: Mapping[str, Any] | None = None,
    ) -> nn.Module:
        """``middle`` and ``width`` are a branch's channels; ``rates`` and ``halve`` as in the head `denseaspp`."""
        head = {"middle": middle, "width": width, "rates": rates, "dropout": dropout, "halve": halve}
        return segmenter(dims, in_channels, out_channels, backbone, "denseaspp", output_stride, backbone_options, head)


for _depth in BRANCHES:
    _add(_depth)
