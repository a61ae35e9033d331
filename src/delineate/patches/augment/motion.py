"""Motion during the acquisition of magnetic resonance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.kspace import keep_empty, weigh_lines
from delineate.patches.persample import PerSample
from delineate.patches.rigid import draw_rotation, in_voxels

Pose = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MotionParams:
    """One ``channel`` moves at ``times`` (shares of the acquisition, rising) while lines along ``axis`` are filled.

    A pose per stretch between moves: rows of the map of voxel offsets, each followed by a shift as a share of the
    patch; None for the stretch that fills the centre of k-space.
    """

    channel: int
    axis: int
    times: tuple[float, ...]
    poses: tuple[Pose | None, ...]


@AUGMENTATIONS.register("motion")
class Motion(PerSample[MotionParams]):
    """One to three sudden moves of up to 5 degrees and 4 % of the patch: stretches of k-space come from moved copies
    (Shaw et al., 2019). The centre of k-space does not move, so that the image stays where its label is."""

    order = 12

    def decide(self, rng: np.random.Generator, settings: AugmentSettings) -> MotionParams | None:
        """With probability ``mr_artefacts``; in one of the channels that are neither CT nor picture."""
        channels = settings.channels_of("other")
        if not channels or rng.random() >= settings.strength.mr_artefacts:
            return None
        times = tuple(sorted(float(t) for t in rng.uniform(0.1, 0.9, rng.integers(1, 4))))
        ends = zip((0.0, *times), (*times, 1.0), strict=True)
        poses = tuple(None if start <= 0.5 < end else _pose(rng, settings) for start, end in ends)
        return MotionParams(int(rng.choice(channels)), int(rng.choice(settings.free_axes)), times, poses)

    def vary(self, image_cx: torch.Tensor, label_x: torch.Tensor, p: MotionParams) -> None:
        """Fill the stretches from moved copies."""
        x = image_cx[p.channel]
        image_cx[p.channel] = keep_empty(_moved(x, p), x)


def _moved(x: torch.Tensor, p: MotionParams) -> torch.Tensor:
    size = x.shape[p.axis]
    filled = torch.fft.fftfreq(size, device=x.device) + 0.5  # when each line is filled, from one end to the other
    out = x.clone()
    for start, end, pose in zip((0.0, *p.times), (*p.times, 1.0), p.poses, strict=True):
        if pose is not None:
            weights = ((filled >= start) & (filled < end)).to(x.dtype)
            out += weigh_lines(_copy(x, pose) - x, weights, p.axis)
    return out


def _copy(x: torch.Tensor, pose: Pose) -> torch.Tensor:
    """The image in another pose; its border goes on outside."""
    half = np.asarray(x.shape, dtype=float) / 2
    rows = np.asarray(pose)
    linear = (rows[:, :-1] * half / half[:, None])[::-1, ::-1]
    theta = np.concatenate([linear, 2 * rows[::-1, -1:]], axis=1)
    grid = F.affine_grid(torch.as_tensor(theta[None], dtype=x.dtype, device=x.device), [1, 1, *x.shape], False)
    return F.grid_sample(x[None, None], grid, mode="bilinear", padding_mode="border", align_corners=False)[0, 0]


def _pose(rng: np.random.Generator, settings: AugmentSettings) -> Pose:
    free = list(settings.free_axes)
    matrix = in_voxels(draw_rotation(rng, settings.dims, free, 5.0), settings.spacing_mm)
    shift = np.zeros((settings.dims, 1))
    shift[free, 0] = rng.uniform(-0.04, 0.04, len(free))
    return tuple(tuple(float(v) for v in row) for row in np.hstack([matrix, shift]))
