"""Near-duplicates: the same scan in two cases, though not one voxel may be equal.

A thumbnail of every case is taken while its voxels go by. Candidates are those whose coarse thumbnails correlate, as
they are or mirrored along any axes; a pair is confirmed where one thumbnail follows from the other by a small shift and
stretch (the linear terms of its Taylor series, as in Lucas & Kanade, IJCAI 1981), in the fine structure too, which is
another in every person even where the anatomy is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple
from delineate.dataset.landmarks import spread_sample

VOLUME: Triple = (16, 16, 16)
PLANE: Triple = (1, 32, 32)
_COARSE = 0.8
_FINE = 0.9
"""Measured on eight sets of volumes and pictures: other patients reach 0.83 at most; the same scan rescaled, with
noise, shifted by a voxel along x or cropped by one has 0.92 to 1.00, cropped by 2 % of an axis 0.85 to 0.97."""
_SURE = 0.97
_HOPELESS = 0.4
"""Without the shift undone, copies shifted by a voxel still have 0.7 in small volumes, other patients seldom 0.4."""
_SAMPLES = 8
"""Voxels of a cell along an axis that its mean needs; of more, every second, third and so on is left out."""
_MOST = 8
"""Candidates of a case that are looked at closely, the most alike first."""
_MOST_PAIRS = 20_000
"""Of all cases together; looking at one closely takes milliseconds."""
_MANY = 10
_BLOCK = 1 << 22

Thumbnail = NDArray[np.uint8]


def thumbnail(channel_zyx: NDArray[Any]) -> Thumbnail:
    """A small picture of a channel (0 to 255): `VOLUME` cells, `PLANE` for a single slice.

    Each cell is the mean of its voxels, those beyond the 0.5th and 99.5th percentile brought back to them: ranks would
    depend on the noise of an even background. Empty where all cells are equal. Slice by slice, so that no copy of the
    channel is made. Empty also where there are fewer voxels than cells: so few are alike by chance.
    """
    sample = spread_sample(channel_zyx, 100_000)
    sample = sample[np.isfinite(sample)]
    low, high = np.percentile(sample, (0.5, 99.5)) if sample.size else (0.0, 0.0)
    shape = VOLUME if len(channel_zyx) > 1 else PLANE
    if not high > low or channel_zyx.size < np.prod(shape):
        return np.zeros((0, 0, 0), np.uint8)
    steps = tuple(slice(None, None, max(1, n // (_SAMPLES * m))) for n, m in zip(channel_zyx.shape, shape, strict=True))
    channel_zyx = channel_zyx[steps]
    rows, columns = _shares(channel_zyx.shape[1], shape[1]), _shares(channel_zyx.shape[2], shape[2]).T
    cells = np.zeros(shape, np.float64)
    for plane, weights in zip(channel_zyx, _shares(len(channel_zyx), shape[0]).T, strict=True):
        clipped = np.nan_to_num((np.clip(plane, low, high) - low) / (high - low)).astype(np.float32)
        cells += weights[:, None, None] * (rows @ clipped @ columns)
    return _on_scale(cells)


def near_duplicates(thumbnails: Sequence[Thumbnail], groups: Sequence[str]) -> list[tuple[int, int]]:
    """The cases of different ``groups`` that show the same scan, by number: ``(lower, higher)``, sorted.

    Where all scans are alike (registered to one atlas, or synthetic), a pair must be far more so than the others.
    """
    found = []
    for shape in (VOLUME, PLANE):
        those = [n for n, t in enumerate(thumbnails) if t.shape == shape]
        pairs = [(those[i], those[j]) for i, j in sorted(_candidates([thumbnails[n] for n in those]))]
        alike = {(a, b): likeness(thumbnails[a], thumbnails[b]) for a, b in pairs if groups[a] != groups[b]}
        enough = _enough(list(alike.values()), len(those))
        found += [pair for pair, value in alike.items() if value >= enough]
    return sorted(found)


def _enough(alike: Sequence[float], cases: int) -> float:
    """How alike a pair must be among candidates that are ``alike``: three times as near to 1 as most are. Few
    candidates are filled up with the pairs that are none; few cases cannot tell how alike others are."""
    everyone = cases * (cases - 1) // 2
    if everyone < _MANY:
        return _SURE
    values = [*alike, *[0.0] * max(0, min(everyone, _MANY) - len(alike))]
    return max(_FINE, 1 - (1 - float(np.percentile(values, 75))) / 3)


def likeness(one: Thumbnail, other: Thumbnail) -> float:
    """How much of the fine structure (correlation, 0 to 1) of each follows from the other, in the mirroring in which
    they are most alike; the plain correlation where that is too low for a shift to explain it."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    fine_a, fine_b = _unit(_fine(a)).reshape(a.shape), _unit(_fine(b)).reshape(b.shape)
    mirrored = {axes: float(np.vdot(fine_a, np.flip(fine_b, axes))) for axes in _subsets(a.shape)}
    axes = max(mirrored, key=mirrored.__getitem__)
    if mirrored[axes] < _HOPELESS:
        return max(0.0, mirrored[axes])
    b = np.flip(b, axes)
    return min(_explained(a, b), _explained(b, a))


def _candidates(thumbnails: Sequence[Thumbnail]) -> set[tuple[int, int]]:
    """Pairs whose coarse thumbnails may correlate by more than `_COARSE`, at most `_MOST` for each and `_MOST_PAIRS` in
    all, the most alike.

    Mirroring changes the sign of the parts that are odd along an axis, so that the sum of the parts' absolute products
    is no less than the correlation in any mirroring: one product of matrices instead of eight.
    """
    if len(thumbnails) < 2:
        return set()
    parts = np.stack([_parities(t) for t in thumbnails], 1)
    pairs: dict[tuple[int, int], float] = {}
    step = max(1, _BLOCK // len(thumbnails))
    for first in range(0, len(thumbnails), step):
        bound = sum(np.abs(part[first : first + step] @ part.T) for part in parts)
        for row, alike in enumerate(np.asarray(bound), first):
            alike[row] = 0
            best = np.flatnonzero(alike > _COARSE)
            best = best[np.argsort(-alike[best])][:_MOST]
            pairs |= {(min(row, int(other)), max(row, int(other))): float(alike[other]) for other in best}
    return set(sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:_MOST_PAIRS])


def _parities(small: Thumbnail) -> NDArray[np.float32]:
    """The coarse thumbnail of length 1, as parts even or odd along each axis, ``[parts, values]``."""
    z, y, x = small.shape
    coarse = small.reshape(max(1, z // 2), min(2, z), y // 2, 2, x // 2, 2).mean((1, 3, 5))
    parts = [_unit(coarse).reshape(coarse.shape)]
    for axis in (k for k, n in enumerate(coarse.shape) if n > 1):
        parts = [half for part in parts for half in _halves(part, axis)]
    return np.stack([p.reshape(-1) for p in parts]).astype(np.float32)


def _halves(part: NDArray[np.float64], axis: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    middle = part.shape[axis] // 2
    low, high = np.split(part, [middle], axis)
    high = np.flip(high, axis)
    return (low + high) / np.sqrt(2), (low - high) / np.sqrt(2)


def _explained(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The multiple correlation of the fine structure of ``a`` with that of ``b`` and its small shifts and stretches."""
    inner = tuple(slice(1, -1) if n > 1 else slice(None) for n in a.shape)
    terms = [b]
    for axis in (k for k, n in enumerate(b.shape) if n > 1):
        slope = np.gradient(b, axis=axis)
        place = np.linspace(-1, 1, b.shape[axis]).reshape([-1 if k == axis else 1 for k in range(3)])
        terms += [slope, slope * place]
    columns = np.stack([_centred(_fine(t)[inner]) for t in terms], 1)
    wanted = _centred(_fine(a)[inner])
    whole = float(wanted @ wanted)
    if not whole:
        return 0.0
    # the normal equations: a handful of columns of thousands of rows, for every pair of candidates
    products = columns.T @ wanted
    known = float(products @ np.linalg.lstsq(columns.T @ columns, products, rcond=None)[0])
    return float(np.sqrt(min(max(0.0, known / whole), 1.0)))


def _fine(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the mean of the neighbouring cells leaves."""
    from scipy.ndimage import uniform_filter

    smooth: NDArray[np.float64] = uniform_filter(cells, [3 if n > 1 else 1 for n in cells.shape], mode="nearest")
    return cells - smooth


def _on_scale(cells: NDArray[np.float64]) -> Thumbnail:
    span = float(np.ptp(cells))
    if not span:
        return np.zeros((0, 0, 0), np.uint8)
    return np.rint((cells - cells.min()) / span * 255).astype(np.uint8)


def _shares(size: int, cells: int) -> NDArray[np.float32]:
    """``[cells, size]``: the share of each voxel in the mean of each cell."""
    edges = np.linspace(0, size, cells + 1)
    low, high = np.maximum(edges[:-1, None], np.arange(size)), np.minimum(edges[1:, None], np.arange(1, size + 1))
    shares = np.clip(high - low, 0, None)
    return (shares / shares.sum(1, keepdims=True)).astype(np.float32)


def _subsets(shape: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every choice of the axes that are longer than one cell."""
    for chosen in product(*((False, True) if n > 1 else (False,) for n in shape)):
        yield tuple(axis for axis, taken in enumerate(chosen) if taken)


def _centred(values: NDArray[Any]) -> NDArray[np.float64]:
    flat = values.reshape(-1).astype(np.float64)
    return flat - flat.mean()


def _unit(values: NDArray[Any]) -> NDArray[np.float64]:
    flat = _centred(values)
    length = float(np.linalg.norm(flat))
    return flat / length if length else flat
