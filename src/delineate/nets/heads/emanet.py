"""Expectation-maximisation attention: voxels rebuilt from a few bases."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import nn
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.blocks.conv_act import classifier, conv_act
from delineate.nets.exactness import exactly
from delineate.nets.head import HEADS
from delineate.nets.layers import Layers
from delineate.nets.norm import BatchNorm


class ExpectationMaximisation(nn.Module):
    """``[b, c, n]`` rebuilt from ``bases`` directions that ``steps`` rounds of soft clustering find; linear in ``n``.

    The rounds start from the buffer ``mu`` ``[c, bases]``, at first random unit columns. In training each call moves it
    by a share ``1 - keep`` towards the mean over the batch of what it found; no gradient reaches it. Only the last
    round passes a gradient on to ``x``, and not even that without ``last_step_learns``. All of it runs in float32.
    """

    mu: torch.Tensor

    def __init__(
        self, channels: int, bases: int = 64, steps: int = 3, keep: float = 0.9, last_step_learns: bool = True
    ) -> None:
        super().__init__()
        if steps < 1 or bases < 1:
            raise UsageError(f"{steps} steps of expectation-maximisation over {bases} bases", "at least one of each")
        self.steps, self.keep, self.last_step_learns = steps, keep, last_step_learns
        self.register_buffer("mu", F.normalize(torch.randn(channels, bases) * sqrt(2 / bases), dim=0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """``[b, c, n]`` to the same, in float32."""
        with exactly(x):
            x = x.float()
            mu = self.mu.float().expand(x.shape[0], -1, -1).clone()
            with torch.no_grad():
                for _ in range(self.steps - 1):
                    mu, _ = self._step(x, mu)
            with torch.set_grad_enabled(self.last_step_learns and torch.is_grad_enabled()):
                mu, share = self._step(x, mu)
            if self.training:
                self._move(mu.detach().mean(0))
            return mu @ share.transpose(1, 2)

    @staticmethod
    def _step(x: torch.Tensor, mu: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """New bases ``[b, c, k]``, and the shares ``[b, n, k]`` of the old ones in each voxel."""
        share = torch.softmax(x.transpose(1, 2) @ mu, dim=2)
        mean = x @ (share / (1e-6 + share.sum(1, keepdim=True)))
        return F.normalize(mean, dim=1, eps=1e-6), share

    @torch.no_grad()
    def _move(self, found: torch.Tensor) -> None:
        self.mu.lerp_(found.to(self.mu.dtype), 1 - self.keep)


@HEADS.register("emanet")
class EmaHead(nn.Module):
    """A residual unit that rebuilds a map of ``width`` channels from ``bases`` directions; linear in the voxels.

    Li, Zhong, Wu, Yang, Lin, Liu: Expectation-Maximization Attention Networks for Semantic Segmentation. ICCV 2019.
    """

    def __init__(  # noqa: PLR0913
        self,
        dims: int,
        channels: Sequence[int],
        out_channels: int,
        width: int | None = None,
        bases: int = 64,
        steps: int = 3,
        last_step_learns: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        conv, width = Layers(dims).conv, width or max(2, channels[-1] // 4)
        self.before = conv_act(dims, channels[-1], width)
        self.enter = conv(width, width, 1)
        self.rebuild = ExpectationMaximisation(width, bases, steps, last_step_learns=last_step_learns)
        leave = conv(width, width, 1, bias=False)
        self.leave = nn.Sequential(leave, BatchNorm(width))
        for layer in (self.enter, leave):  # shares start far from even, as the authors' do
            nn.init.kaiming_normal_(layer.weight, mode="fan_out")
        self.classify = nn.Sequential(
            conv_act(dims, width, width // 2), classifier(dims, width // 2, out_channels, dropout)
        )

    def forward(self, maps: list[torch.Tensor]) -> torch.Tensor:
        """Maps to logits at the size of the last."""
        x = self.before(maps[-1])
        rebuilt = self.rebuild(self.enter(x).flatten(2)).reshape(x.shape).to(x.dtype)
        return self.classify(F.relu(x + self.leave(F.relu(rebuilt))))
