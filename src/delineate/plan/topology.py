"""The shape of a U-Net for a patch: strides and kernels per stage, and the patch rounded to fit them."""

from __future__ import annotations

from dataclasses import dataclass

MIN_EDGE = 4
"""No feature map gets smaller than this along an axis that is still halved (Isensee et al. 2021)."""
MAX_STAGES = 7


@dataclass(frozen=True)
class Topology:
    """Strides and kernels of each encoder stage; the first stride is all ones."""

    strides: tuple[tuple[int, ...], ...]
    kernels: tuple[tuple[int, ...], ...]

    @property
    def stages(self) -> int:
        """How many resolutions the network has."""
        return len(self.strides)


def choose_topology(patch: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Topology:
    """Halve each axis while it is long enough and not coarser than twice the finest; kernels of an axis are 1 until
    its spacing is within a factor two of the finest (Isensee et al. 2021)."""
    size, spacing = list(patch), list(spacing_mm)
    strides = [(1,) * len(size)]
    kernels = [_kernel(spacing)]
    while len(strides) < MAX_STAGES:
        fit = [n >= 2 * MIN_EDGE for n in size]
        if not any(fit):
            break
        finest = min(s for s, ok in zip(spacing, fit, strict=True) if ok)
        halve = [ok and s < 2 * finest for s, ok in zip(spacing, fit, strict=True)]
        strides.append(tuple(2 if h else 1 for h in halve))
        size = [-(-n // 2) if h else n for n, h in zip(size, halve, strict=True)]
        spacing = [s * 2 if h else s for s, h in zip(spacing, halve, strict=True)]
        # once 3, always 3: an axis that is halved no more must not make the others look coarse
        kernels.append(tuple(max(k, n) for k, n in zip(kernels[-1], _kernel(spacing), strict=True)))
    return Topology(tuple(strides), tuple(kernels))


def fit_patch(shape: tuple[int, ...], spacing_mm: tuple[float, ...], voxels: int) -> tuple[int, ...]:
    """The largest patch of at most ``voxels`` voxels that covers the same millimetres along every axis, no longer than
    ``shape`` (rounded up to the network's stride)."""
    edge = [1.0 / s for s in spacing_mm]
    patch = [0.0] * len(shape)
    free = list(range(len(shape)))
    room = float(voxels)
    while free:
        scale = (room / _product([edge[a] for a in free])) ** (1 / len(free))
        full = [a for a in free if edge[a] * scale >= shape[a]]
        if not full:
            for a in free:
                patch[a] = edge[a] * scale
            break
        for a in full:
            patch[a] = float(shape[a])
            room /= shape[a]
        free = [a for a in free if a not in full]
    return _round(patch, shape, spacing_mm)


def _round(patch: list[float], shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> tuple[int, ...]:
    """Each edge to a multiple of the total stride: up where the patch spans the scan, down elsewhere."""
    whole = [max(1, int(p + 1e-6)) for p in patch]
    total = [1] * len(whole)
    for stride in choose_topology(tuple(whole), spacing_mm).strides:
        total = [t * s for t, s in zip(total, stride, strict=True)]
    return tuple(
        -(-n // t) * t if n >= full else max(t, n // t * t) for n, t, full in zip(whole, total, shape, strict=True)
    )


def _kernel(spacing: list[float]) -> tuple[int, ...]:
    finest = min(spacing)
    return tuple(1 if s > 2 * finest else 3 for s in spacing)


def _product(values: list[float]) -> float:
    out = 1.0
    for v in values:
        out *= v
    return out
