"""SegFormer, B0 to B5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from delineate.nets.net import NetCard, network
from delineate.nets.segmenter import segmenter


def _add(size: int) -> None:
    """Register one of B0 to B5."""
    card = NetCard(
        title=f"SegFormer-B{size}",
        paper="Xie, Wang, Yu, Anandkumar, Alvarez, Luo: SegFormer: Simple and Efficient Design for Semantic "
        "Segmentation with Transformers. NeurIPS 2021",
        stride=32,
        differs="logits at 1/4 are enlarged to the input, which the reference leaves to the caller; 3D: the same "
        "numbers along each axis (Perera et al., SegFormer3D, CVPRW 2024, reduces by 4, 2, 1, 1)",
        small={"width": 16, "backbone_options": {"widths": (8, 8, 10, 16), "depths": (1, 1, 1, 1)}},
        verified=f"parameters equal those of NVlabs/SegFormer mit_b{size}; names as in the published files; "
        "with shared weights B0 and B2 give what transformers 5.23.0's SegformerForSemanticSegmentation gives once its "
        "norms add 1e-6, as the authors' do, and not 1e-5",
    )

    @network(f"segformer_b{size}", card)
    def build(  # noqa: PLR0913
        dims: int,
        in_channels: int,
        out_channels: int,
        backbone: str = f"mit_b{size}",
        output_stride: int = 32,
        width: int = 256 if size < 2 else 768,
        dropout: float = 0.1,
        backbone_options: Mapping[str, Any] | None = None,
    ) -> nn.Module:
        """``width`` are the channels of the head; it takes the last four maps of any ``backbone``."""
        head = {"width": width, "dropout": dropout}
        return segmenter(dims, in_channels, out_channels, backbone, "segformer", output_stride, backbone_options, head)


for _size in range(6):
    _add(_size)
