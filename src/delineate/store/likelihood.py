"""`BlockMap`: how likely places of a case are to be drawn, one number per block of 8 x 8 x 8 voxels.

A probability map as large as the scan would cost more memory than the scan; cumulative sums over blocks are 500 times
smaller, are drawn from by bisection, and can stay in a memory-mapped file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import DataError, GeometryError, RunError
from delineate.core.files import hash_file, hash_text, write_bytes
from delineate.core.geometry import Triple, same_place
from delineate.core.record import Record
from delineate.store.checksum import Checksum, checksum_of
from delineate.store.recent import Recent
from delineate.store.resample import apply_weights, weights
from delineate.store.trace import Trace

EDGE = 8
_OPEN_MAPS = 64
_SLAB_VOXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class BlockMap:
    """Cumulative weights ``sums`` (float64 ``[n]``, the last above 0) of the ``blocks`` (numbers in z, y, x order; None
    for all) of a volume of ``shape``. ``order`` permutes the axes of what is drawn."""

    shape: Triple
    sums: NDArray[np.float64]
    blocks: NDArray[np.int32] | None = None
    order: Triple = (0, 1, 2)

    @classmethod
    def of(cls, weights_zyx: NDArray[Any], shape: Triple) -> BlockMap:
        """From one weight per block, only those above 0 kept."""
        flat = weights_zyx.ravel()
        blocks = np.flatnonzero(flat).astype(np.int32)
        return cls(shape, np.cumsum(flat[blocks], dtype=np.float64), blocks)

    def voxel(self, rng: np.random.Generator) -> Triple:
        """A block by its weight, then a voxel of it uniformly."""
        place = int(np.searchsorted(self.sums, rng.random() * float(self.sums[-1]), side="right"))
        place = min(place, len(self.sums) - 1)
        number = place if self.blocks is None else int(self.blocks[place])
        low = np.array(np.unravel_index(number, block_grid(self.shape))) * EDGE
        voxel = rng.integers(low, np.minimum(low + EDGE, self.shape))
        a, b, c = (int(voxel[i]) for i in self.order)
        return a, b, c


def block_grid(shape: Triple) -> Triple:
    """How many blocks cover a volume along each axis."""
    a, b, c = (-(-n // EDGE) for n in shape)
    return a, b, c


def block_sums(array_zyx: NDArray[Any]) -> NDArray[np.float64]:
    """The sum over every block."""
    sums: NDArray[Any] = array_zyx
    for axis, n in enumerate(array_zyx.shape):
        sums = np.add.reduceat(sums, np.arange(0, n, EDGE), axis=axis, dtype=np.float64)
    return sums


class Kept(Record):
    """What is known of a file of cumulative sums: the hash (``key``) of all it was made from, and its checksum."""

    key: str
    sums: Checksum


class Likelihoods:
    """The maps of a data set, written by `prepare_likelihoods` and memory-mapped when asked for."""

    def __init__(self, files: Mapping[str, Path], shapes: Mapping[str, Triple]) -> None:
        self._files = dict(files)
        self._shapes = dict(shapes)
        self._opened: Recent[BlockMap] = Recent(_OPEN_MAPS)

    def get(self, name: str, index: int = 0) -> BlockMap | None:
        """The map of a case, whatever the draw; None where it has none."""
        if name not in self._files:
            return None
        found = self._opened.get(name)
        if found is None:
            sums = np.load(self._files[name], mmap_mode="r", allow_pickle=False)
            found = BlockMap(self._shapes[name], sums)
            self._opened.put(name, found, 1)
        return found

    def names(self, index: int = 0) -> tuple[str, ...]:
        """All cases that have a map."""
        return tuple(self._files)


def find_maps(names: tuple[str, ...], folder: Path) -> dict[str, Path]:
    """The file of each case in a folder of maps that are named like the cases.

    Raises:
        DataError: there is no such folder, or some cases have no map; all are named.
    """
    from delineate.formats import is_scan, strip_suffix

    folder = Path(folder)
    there = {strip_suffix(p): p for p in sorted(folder.glob("*")) if is_scan(p)} if folder.is_dir() else {}
    missing = [n for n in names if n not in there]
    if missing:
        told = ", ".join(missing[:8]) + (" ..." if len(missing) > 8 else "")
        raise DataError(
            f"{len(missing)} of {len(names)} cases have no probability map in {folder}: {told}",
            "one file per labelled case, named like the case",
            "add the maps, correct patches.weights, or choose another patches.sampler",
        )
    return {n: there[n] for n in names}


def prepare_likelihoods(maps: Mapping[str, Path], traces: Mapping[str, Trace], folder: Path) -> Likelihoods:
    """Bring the map of each case to its prepared grid and keep its cumulative sums in ``folder``; what is there from
    an earlier run, undamaged and still true is not made again.

    Raises:
        DataError: a map is 0 everywhere in the prepared part, or holds values that are negative or no numbers.
        GeometryError: a map does not lie on its scan's grid.
        FormatError: a map cannot be read.
    """
    files = {}
    for name, path in maps.items():
        trace = traces[name]
        key = hash_text("1", hash_file(path), trace.model_dump_json())
        files[name] = folder / f"{key}.npy"
        if not _still_true(files[name], key):
            _keep(np.cumsum(_prepared_sums(path, name, trace)), files[name], key)
    return Likelihoods(files, {n: traces[n].prepared_shape for n in files})


def _keep(sums: NDArray[np.float64], file: Path, key: str) -> None:
    """Write the sums, then the card that says of what they are and what the file must hold."""
    buffer = io.BytesIO()
    np.save(buffer, sums, allow_pickle=False)
    data = buffer.getvalue()
    write_bytes(file, data)
    Kept(key=key, sums=checksum_of(data)).save(file.with_suffix(".json"))


def _still_true(file: Path, key: str) -> bool:
    """Whether the sums are there, every byte as it was written, and those of this map on this grid."""
    try:
        kept = Kept.load(file.with_suffix(".json"))
    except RunError:
        return False
    return kept.key == key and not kept.sums.fault(file)


def _prepared_sums(path: Path, name: str, trace: Trace) -> NDArray[np.float64]:
    """Weights of the blocks of the prepared grid, interpolated linearly."""
    from delineate.formats import read_volume

    volume = read_volume(path)
    if len(volume.array_czyx) != 1 or not same_place(volume.geometry, trace.original):
        raise GeometryError(
            f"the probability map {path} has {len(volume.array_czyx)} channels and the shape {volume.geometry.shape}",
            f"one channel on the grid of its scan, {trace.original.shape}",
            f"resample the map onto the scan of {name}",
        )
    view = trace.view(volume.array_czyx[0])
    _require_weights(view, path)
    found = _resampled_sums(view, trace) if trace.resamples else block_sums(view)
    if not found.sum() > 0:
        raise DataError(
            f"the probability map {path} of case {name} is 0 everywhere",
            "a value above 0 somewhere, or no patch could be drawn",
            "repair the map, leave the case out, or choose another patches.sampler",
        )
    return found.ravel()


def _resampled_sums(view_zyx: NDArray[Any], trace: Trace) -> NDArray[np.float64]:
    """Interpolating and summing over blocks are both one matrix per axis, so they are done as one, slab by slab: the
    map never exists on the prepared grid."""
    pairs = list(zip(trace.crop_shape, trace.prepared_shape, strict=True))
    first, *others = [np.add.reduceat(weights(n, m, 1), np.arange(0, m, EDGE), axis=0) for n, m in pairs]
    step = max(1, _SLAB_VOXELS // (view_zyx.shape[1] * view_zyx.shape[2]))
    found = np.zeros(block_grid(trace.prepared_shape), np.float64)
    for z in range(0, len(view_zyx), step):
        slab = np.ascontiguousarray(view_zyx[z : z + step], dtype=np.float32)
        found += apply_weights(slab, [first[:, z : z + step], *others])
    return found


def _require_weights(view: NDArray[Any], path: Path) -> None:
    low, high = float(view.min()), float(view.max())
    if not (low >= 0 and np.isfinite(high)):
        raise DataError(
            f"the probability map {path} holds values from {low:g} to {high:g}",
            "finite numbers from 0 on; they need not sum to 1",
            "repair the map",
        )
