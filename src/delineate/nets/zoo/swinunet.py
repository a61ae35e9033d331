"""Swin-Unet: a U-Net of Swin Transformer blocks, without convolutions between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.blocks.drop_path import drop_rates
from delineate.nets.blocks.window_attention import SwinBlock
from delineate.nets.layers import Layers
from delineate.nets.nd import check_input, crop_to, pad_to_multiple
from delineate.nets.net import NetCard, network

CARD = NetCard(
    title="Swin-Unet (tiny)",
    paper="Cao, Wang, Chen, Jiang, Zhang, Tian, Wang: Swin-Unet: Unet-like Pure Transformer for Medical Image "
    "Segmentation. ECCV Workshops 2022",
    stride=32,
    learning_rate=2e-4,
    differs="any size: the map of every stage is padded to whole windows, and padding is seen by no voxel of the "
    "image; maps shorter than a window are one window; channels go into the first convolution instead of grey being "
    "repeated to RGB; 3D: windows, patches, merging and expanding along three axes",
    verified="parameters equal those of HuCaoFighting/Swin-Unet at 224, names as in its files; attention equals "
    "loops, and a block MONAI's; with shared weights the encoder gives what timm 1.0.31's SwinTransformer gives at 224",
    small={"width": 8, "depths": (1, 2), "heads": (1, 2), "window": 3},
)


class Merge(nn.Module):
    """Neighbouring voxels, two per axis, side by side in the channels, and linearly to twice the ``width``."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(2**dims * width)
        self.reduction = nn.Linear(2**dims * width, 2 * width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, *size, c]`` to ``[b, *ceil(size / 2), 2 * c]``."""
        x = F.pad(x, [0, 0, *(p for n in reversed(x.shape[1:-1]) for p in (0, n % 2))])
        # the first axis runs fastest, as in the published weights
        starts = [start[::-1] for start in product((0, 1), repeat=x.ndim - 2)]
        parts = [x[(slice(None), *(slice(s, None, 2) for s in start))] for start in starts]
        return self.reduction(self.norm(torch.cat(parts, -1)))


class Expand(nn.Module):
    """Linearly to more channels, which become ``factor`` voxels per axis of ``outputs`` channels, and layer norm."""

    def __init__(self, dims: int, width: int, outputs: int, factor: int = 2) -> None:
        super().__init__()
        self.factor = factor
        self.expand = nn.Linear(width, factor**dims * outputs, bias=False)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, *size, width]`` to ``[b, *(factor * size), outputs]``."""
        size, dims = x.shape[1:-1], x.ndim - 2
        x = self.expand(x).reshape(x.shape[0], *size, *(self.factor,) * dims, -1)
        order = [0, *(1 + axis + dims * part for axis, part in product(range(dims), (0, 1))), 2 * dims + 1]
        return self.norm(x.permute(order).reshape(x.shape[0], *(self.factor * n for n in size), -1))


class PatchEmbed(nn.Module):
    """One token per patch of ``patch`` voxels per axis, and layer norm."""

    def __init__(self, dims: int, inputs: int, width: int, patch: int) -> None:
        super().__init__()
        self.proj = Layers(dims).conv(inputs, width, patch, patch)
        self.norm = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, *size]`` to ``[b, *(size / patch), width]``."""
        return self.norm(self.proj(x).movedim(1, -1))


class Stage(nn.Module):
    """Blocks with plain and shifted windows in turn; ``before`` or after them may come a change of size."""

    def __init__(self, blocks: Sequence[nn.Module], **after: nn.Module) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        for name, module in after.items():
            self.add_module(name, module)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, *size, c]`` to the next stage's map."""
        for module in (*self.blocks, *(m for n, m in self.named_children() if n != "blocks")):
            x = module(x)
        return x


class SwinUnet(nn.Module):
    """See `CARD`. Parameters are named as in the published files."""

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        in_channels: int,
        out_channels: int,
        width: int,
        depths: Sequence[int],
        heads: Sequence[int],
        window: int,
        patch: int,
        ratio: float,
        drop_path: float,
    ) -> None:
        super().__init__()
        self.dims, self.in_channels, self.patch = dims, in_channels, patch
        widths, rates = [width << i for i in range(len(depths))], drop_rates(drop_path, sum(depths))

        def blocks(i: int) -> list[nn.Module]:
            drops = rates[sum(depths[:i]) : sum(depths[: i + 1])]
            return [SwinBlock(dims, widths[i], heads[i], window, j % 2 == 1, ratio, d) for j, d in enumerate(drops)]

        last = len(depths) - 1
        self.patch_embed = PatchEmbed(dims, in_channels, width, patch)
        self.layers = nn.ModuleList(
            Stage(blocks(i), **({"downsample": Merge(dims, widths[i])} if i < last else {})) for i in range(last + 1)
        )
        self.norm = nn.LayerNorm(widths[-1])
        self.layers_up = nn.ModuleList([Expand(dims, widths[-1], widths[-1] // 2)] if last else [])
        self.concat_back_dim = nn.ModuleList([nn.Identity()] if last else [])
        for i in reversed(range(last)):
            up = {"upsample": Expand(dims, widths[i], widths[i] // 2)} if i else {}
            self.layers_up.append(Stage(blocks(i), **up))
            self.concat_back_dim.append(nn.Linear(2 * widths[i], widths[i]))
        self.norm_up = nn.LayerNorm(width)
        self.up = Expand(dims, width, width, patch)
        self.output = Layers(dims).conv(width, out_channels, 1, bias=False)
        self.apply(_init)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, in, *size]`` to logits ``[b, out, *size]``."""
        check_input(x, self.dims, self.in_channels)
        y = self.patch_embed(pad_to_multiple(x, (self.patch,) * self.dims))
        maps = []
        for stage in self.layers:
            maps.append(y)
            y = stage(y)
        y = self.norm(y)
        for i, (stage, join) in enumerate(zip(self.layers_up, self.concat_back_dim, strict=True)):
            if i:
                skip = maps[-1 - i]
                y = y[(slice(None), *(slice(0, n) for n in skip.shape[1:-1]))]
                y = join(torch.cat([y, skip], -1))
            y = stage(y)
        return crop_to(self.output(self.up(self.norm_up(y)).movedim(-1, 1)), x.shape[2:])


def _init(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


@network("swinunet", CARD)
def build_swinunet(  # noqa: PLR0913
    dims: int,
    in_channels: int,
    out_channels: int,
    width: int = 96,
    depths: Sequence[int] = (2, 2, 2, 2),
    heads: Sequence[int] = (3, 6, 12, 24),
    window: int = 7,
    patch: int = 4,
    ratio: float = 4.0,
    drop_path: float = 0.1,
) -> nn.Module:
    """``depths`` and ``heads`` are one number per stage, finest first, for encoder and decoder alike; ``width`` are the
    channels of the first, which double. ``window`` and ``patch`` are voxels per axis; ``ratio`` is of the perceptrons.
    """
    if len(depths) != len(heads) or not depths or any((width << i) % h for i, h in enumerate(heads)):
        raise UsageError(
            f"depths={tuple(depths)}, heads={tuple(heads)}, width={width}",
            "one number of heads per depth, each a divisor of its stage's channels (width, doubled per stage)",
        )
    if min(window, patch) < 1:
        raise UsageError(f"window={window}, patch={patch}", "one voxel or more per axis")
    return SwinUnet(dims, in_channels, out_channels, width, depths, heads, window, patch, ratio, drop_path)
