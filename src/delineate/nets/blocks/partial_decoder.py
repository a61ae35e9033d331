"""`PartialDecoder`: logits of the deep maps alone, gated by one another."""

from __future__ import annotations

import torch
from torch import nn

from delineate.nets.blocks.conv_unit import conv_unit, same_conv
from delineate.nets.resize import resize


class PartialDecoder(nn.Module):
    """The cascaded partial decoder (Wu, Su, Huang, CVPR 2019) of three maps of ``width`` channels.

    Each finer map is multiplied by convolutions of the coarser ones, enlarged from level to level with the corners
    aligned; then all are concatenated from the coarsest up. Nothing but the products bends the function. ``norm`` puts
    batch norm after every convolution but the last (PraNet, Inf-Net), or nothing (CaraNet).
    """

    def __init__(self, dims: int, width: int, out_channels: int, norm: bool = True) -> None:
        super().__init__()

        def conv(times: int) -> nn.Module:
            wide = times * width
            return conv_unit(dims, wide, wide, act="none") if norm else same_conv(dims, wide, wide)

        self.coarse_on_middle, self.coarse_on_fine, self.middle_on_fine = conv(1), conv(1), conv(1)
        self.coarse_up, self.both_up = conv(1), conv(2)
        self.join_two, self.join_three, self.last = conv(2), conv(3), conv(3)
        self.classify = same_conv(dims, 3 * width, out_channels, 1, bias=True)

    def forward(self, coarse: torch.Tensor, middle: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        """Three maps to logits at the size of ``fine``."""
        risen = _enlarge(coarse, middle)
        gated_middle = self.coarse_on_middle(risen) * middle
        gated_fine = self.coarse_on_fine(_enlarge(risen, fine)) * self.middle_on_fine(_enlarge(middle, fine)) * fine
        two = self.join_two(torch.cat((gated_middle, self.coarse_up(risen)), dim=1))
        three = self.join_three(torch.cat((gated_fine, self.both_up(_enlarge(two, fine))), dim=1))
        return self.classify(self.last(three))


def _enlarge(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return resize(x, like.shape[2:], align_corners=True)
