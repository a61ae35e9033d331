"""TransUNet: a transformer on the deepest map of a residual network, and a U-Net's decoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_unit import conv_unit
from delineate.nets.blocks.weight_standard import StandardBottleneck, group_norm, standard_conv
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network
from delineate.nets.resize import fit_to, resize

CARD = NetCard(
    title="TransUNet (R50-ViT-B/16)",
    paper="Chen, Lu, Yu, Luo, Adeli, Wang, Lu, Yuille, Zhou: TransUNet: Transformers Make Strong Encoders for Medical "
    "Image Segmentation. arXiv 2102.04306, 2021; body of Dosovitskiy et al.: An Image is Worth 16x16 Words. ICLR 2021",
    stride=16,
    learning_rate=5e-4,
    differs="any size: the image is padded to a multiple of 16 and learned positions are interpolated; channels go "
    "into the first convolution instead of grey being repeated to RGB; 3D: one token per 16x16x16 voxels, positions "
    "learned on a grid of 8 per axis",
    verified="parameters equal those of Beckschen/TransUNet R50-ViT-B_16 at 224 and 512; a transformer block against "
    "torch's own layer",
    small={
        "width": 4,
        "depths": (1, 1, 1),
        "hidden": 16,
        "layers": 1,
        "heads": 2,
        "decoder": (8, 8, 8, 8),
        "bridge": 8,
        "grid": 3,
    },
)


class HybridStem(nn.Module):
    """ResNet-50 up to 1/16, with standardised convolutions: three maps for skips, finest first, and the last."""

    def __init__(self, dims: int, in_channels: int, width: int, depths: Sequence[int]) -> None:
        super().__init__()
        self.conv, self.gn = standard_conv(dims, in_channels, width, 7, 2), group_norm(width)
        self.pool = Layers(dims).max_pool(3, 2)
        stages, inputs = [], width
        for i, count in enumerate(depths):
            blocks = []
            for j in range(count):
                blocks.append(StandardBottleneck(dims, inputs, width << i, 2 if i and not j else 1))
                inputs = 4 * width << i
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.channels = (width, *(4 * width << i for i in range(len(depths))))

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """``[b, in, *size]``, a multiple of 16, to maps at 1/2, 1/4, 1/8 and 1/16."""
        maps = [F.relu(self.gn(self.conv(x)))]
        for i, stage in enumerate(self.stages):
            maps.append(stage(maps[-1] if i else self.pool(maps[0])))
        # the pool has no padding: what it makes is one voxel short, and filled with zeros for the skip only
        quarter = maps[0][(slice(None), slice(None), *(slice(None, None, 2),) * (x.ndim - 2))]
        return [maps[0], fit_to(maps[1], quarter), *maps[2:]]


class TransformerBlock(nn.Module):
    """Self-attention and a two-layer perceptron with GELU, each behind a layer norm and around a shortcut.

    The perceptron starts as in the authors' code: Glorot's weights, and biases of next to nothing.
    """

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.ffn_norm = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.ffn = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width), nn.Dropout(dropout)
        )
        for layer in self.ffn:
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                nn.init.normal_(layer.bias, std=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Tokens ``[b, n, width]`` to the same."""
        y = self.attention_norm(x)
        heads = [part(y).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)]
        mixed = F.scaled_dot_product_attention(*heads)  # never holds all pairs where torch has a fused kernel
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.ffn(self.ffn_norm(x))


class VisionTransformer(nn.Module):
    """A token per voxel of the map, learned positions (interpolated to the map's size), blocks, layer norm."""

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        inputs: int,
        width: int,
        layers: int,
        heads: int,
        hidden: int,
        grid: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.embed = Layers(dims).conv(inputs, width, 1)
        self.positions = nn.Parameter(torch.zeros(1, width, *Layers(dims).each(grid)))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, hidden, dropout) for _ in range(layers)))
        self.norm = nn.LayerNorm(width, 1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, width, *size]``."""
        size = x.shape[2:]
        x = self.dropout(self.embed(x) + resize(self.positions, size))
        tokens = self.norm(self.blocks(x.flatten(2).transpose(1, 2)))
        return tokens.transpose(1, 2).unflatten(2, tuple(size))


class TransUNet(nn.Module):
    """See `CARD`."""

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        stem: HybridStem,
        transformer: VisionTransformer,
        decoder: Sequence[int],
        bridge: int,
        skips: int,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels = dims, in_channels
        self.stem, self.transformer = stem, transformer
        self.bridge = conv_unit(dims, transformer.embed.out_channels, bridge)
        joined = [*stem.channels[-2::-1][:skips], *(0,) * 4][:4]
        self.skips, self.decoder = skips, nn.ModuleList()
        for before, skip, after in zip((bridge, *decoder), joined, decoder, strict=False):
            self.decoder.append(nn.Sequential(conv_unit(dims, before + skip, after), conv_unit(dims, after, after)))
        self.classify = Layers(dims).conv(decoder[-1], out_channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        padded = pad_to_multiple(x, (16,) * self.dims)
        *maps, deepest = self.stem(padded)
        y = self.bridge(self.transformer(deepest))
        for i, block in enumerate(self.decoder):
            y = resize(y, [2 * n for n in y.shape[2:]], align_corners=True)
            y = block(torch.cat([y, maps[-1 - i]], 1) if i < self.skips else y)
        return crop_to(self.classify(y), x.shape[2:])


@network("transunet", CARD)
def build_transunet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int = 64,
    depths: Sequence[int] = (3, 4, 9),
    hidden: int = 768,
    layers: int = 12,
    heads: int = 12,
    decoder: Sequence[int] = (256, 128, 64, 16),
    bridge: int = 512,
    skips: int = 3,
    grid: int | None = None,
    dropout: float = 0.1,
) -> nn.Module:
    """``width`` and ``depths`` are of the residual network; ``hidden``, ``layers`` and ``heads`` of the transformer,
    whose perceptrons are four times as wide. ``decoder`` are its channels from 1/8 to 1, ``bridge`` those before it,
    and ``skips`` how many maps (0 to 3) it takes over. Positions are learned on ``grid`` tokens per axis: None is 14
    (an image of 224) in 2D and 8 (of 128) in 3D.
    """
    wrong = not 0 <= skips <= 3 or len(decoder) != 4 or len(depths) != 3 or min(*depths, heads) < 1
    if wrong or hidden % heads:
        raise UsageError(
            f"skips={skips}, decoder={tuple(decoder)}, depths={tuple(depths)}, hidden={hidden}, heads={heads}",
            "0 to 3 skips, four decoder widths, three depths, and hidden divisible by heads",
        )
    stem = HybridStem(dims, in_channels, width, depths)
    grid = grid or (14 if dims == 2 else 8)
    transformer = VisionTransformer(dims, stem.channels[-1], hidden, layers, heads, 4 * hidden, grid, dropout)
    return TransUNet(dims, in_channels, out_channels, stem, transformer, decoder, bridge, skips)
