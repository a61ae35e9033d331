"""`SeparableConv`: a 3x3 convolution split into one per channel and one across channels."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm


class SeparableConv(nn.Module):
    """Depthwise 3x3 and 1x1 convolution, a norm after each and, with ``act``, ReLU after each norm.

    Chollet: Xception. CVPR 2017; with the norm and ReLU in the middle of Chen et al. (DeepLabv3+), ECCV 2018.
    Parameters are named as in timm's Xception. ``eps`` is of the norms.
    """

    def __init__(
        self,
        dims: int,
        inputs: int,
        outputs: int,
        stride: int = 1,
        dilation: int = 1,
        act: bool = True,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        conv = Layers(dims).conv
        self.conv_dw = conv(inputs, inputs, 3, stride, dilation, dilation, groups=inputs, bias=False)
        self.bn_dw = BatchNorm(inputs, eps=eps)
        self.conv_pw = conv(inputs, outputs, 1, bias=False)
        self.bn_pw = BatchNorm(outputs, eps=eps)
        self.act = act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, inputs, *size]`` to ``[b, outputs, *ceil(size / stride)]``."""
        x = self.bn_dw(self.conv_dw(x))
        x = F.relu(x, inplace=True) if self.act else x
        x = self.bn_pw(self.conv_pw(x))
        return F.relu(x, inplace=True) if self.act else x
