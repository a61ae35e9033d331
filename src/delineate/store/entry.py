"""`Entry`: one prepared case of one stage in its own folder, named by a hash of all it depends on."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import RunError
from delineate.core.files import UNFINISHED, disk_full_told, hash_file, hash_text
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.case import Case
from delineate.plan.plan import Plan, Stage
from delineate.store.checksum import Checksum, checksum_of, chunk_sums
from delineate.store.trace import Trace

SUMS = "checksums.npy"
_VERSION = "3"
_SMALL_BYTES = 512 * 1024
_MIN_CHUNK = 16
_BLOCK_BYTES = 64 * 1024
_HALF_MAX = 65504.0
_TWO_FILES = {".mhd", ".nhdr", ".hdr", ".img"}


class Entry(Record):
    """What is known of a prepared case without opening its arrays: also the checksum of each of its ``files``.

    ``label_bytes`` is the size of an id: 1, or 2 where there are many.
    """

    case: str
    channels: int
    label_bytes: int = 1
    trace: Trace
    files: dict[str, Checksum] = {}

    @property
    def size_bytes(self) -> int:
        """Size of image and label when decompressed."""
        return int(np.prod(self.trace.prepared_shape)) * (2 * self.channels + self.label_bytes)


def entry_key(case: Case, labels: Labels, plan: Plan, stage: Stage, hash_of: Callable[[Path], str] = hash_file) -> str:
    """A hash over the bytes of the case's files (`hash_file` of each) and every decision preparation depends on."""
    files = [f for path in (*case.images, *([case.label] if case.label else [])) for f in _with_siblings(path)]
    decisions = [repr((plan.axes, plan.anisotropic, plan.crop, stage.spacing_mm))]
    decisions += [n.model_dump_json() for n in plan.normalisers]
    decisions += [repr((plan.channels, plan.crop_margin_mm, plan.n4))]  # n4 names channels; one file may hold them all
    decisions += [repr((labels.file_values, labels.ignore_value, labels.instances))]
    return hash_text(_VERSION, *map(hash_of, files), *decisions)


def is_written(folder: Path) -> bool:
    """Whether an entry is there, its files of the sizes they were written with. A folder is renamed into place, so
    it is whole or absent; a power cut or a disk may shorten files later."""
    try:
        entry = Entry.load(folder / "case.json")
    except RunError:
        return False
    return bool(entry.files) and not any(s.size_fault(folder / name) for name, s in entry.files.items())


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left half written."""
    for temporary in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(temporary, ignore_errors=True)


def remove_stale(folder: Path, keep: set[str]) -> None:
    """Remove the entries that no stage uses any more: another plan's, or cases that changed since."""
    for card in folder.glob("*/case.json"):
        if card.parent.name not in keep:
            shutil.rmtree(card.parent, ignore_errors=True)


def write_entry(
    folder: Path, entry: Entry, image_czyx: NDArray[np.float32], label_zyx: NDArray[Any], rows: NDArray[np.int32],
    patch: tuple[int, ...],
) -> None:  # fmt: skip
    """Write image (float16), label, foreground ``rows`` and checksums under a temporary name, then rename to
    ``folder``.

    Raises:
        DiskFullError: the disk is full; nothing is left behind.
    """
    with disk_full_told(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = folder.parent / f"{UNFINISHED}{os.getpid()}-{folder.name}"
        try:
            temporary.mkdir(exist_ok=True)
            half = _half(image_czyx)
            chunk = chunk_shape(label_zyx.shape, patch, 2 * len(half))
            image, image_sums = _compressed(half, (len(half), *chunk))
            label, label_sums = _compressed(label_zyx, chunk)
            sums = _npy(np.concatenate([image_sums, label_sums]))
            content = {"image.b2nd": image, "label.b2nd": label, "foreground.npy": _npy(_small(rows)), SUMS: sums}
            for name, data in content.items():
                _write(temporary / name, data)
            files = {n: checksum_of(d, n.endswith(".b2nd")) for n, d in content.items()}
            card = entry.model_copy(update={"files": files})
            _write(temporary / "case.json", card.model_dump_json(indent=2).encode())
            _put(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def chunk_shape(shape: tuple[int, ...], patch: tuple[int, ...], voxel_bytes: int) -> tuple[int, ...]:
    """Half a patch along each axis, so that a patch touches few chunks and little besides; one slice for 2D patches;
    everything where the case is small."""
    if np.prod(shape) * voxel_bytes <= _SMALL_BYTES:
        return tuple(shape)
    first = () if len(patch) == 3 else (1,)
    wanted = (*first, *(max(_MIN_CHUNK, -(-p // 2)) for p in patch))
    return tuple(min(n, w) for n, w in zip(shape, wanted, strict=True))


def block_shape(chunk: tuple[int, ...], voxel_bytes: int) -> tuple[int, ...]:
    """Half a chunk along each axis but those of a few voxels: blocks are what is decompressed, and those that a patch
    does not touch are left alone. A small chunk is one block."""
    if np.prod(chunk) * voxel_bytes <= _BLOCK_BYTES:
        return chunk
    return tuple(c if c < _MIN_CHUNK else -(-c // 2) for c in chunk)


def _put(temporary: Path, folder: Path) -> None:
    """Rename. Locks keep others away where the file system knows them; elsewhere the entry of whoever was quicker is
    as good."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    try:
        temporary.replace(folder)
    except OSError:
        if not is_written(folder):
            raise


def _half(image_czyx: NDArray[np.float32]) -> NDArray[np.float16]:
    """Slice by slice: no second float32 copy."""
    half = np.empty(image_czyx.shape, np.float16)
    for channel, half_channel in zip(image_czyx, half, strict=True):
        for plane, half_plane in zip(channel, half_channel, strict=True):
            half_plane[...] = np.clip(plane, -_HALF_MAX, _HALF_MAX)
    return half


def _compressed(array: NDArray[Any], chunk: tuple[int, ...]) -> tuple[bytes, NDArray[np.uint32]]:
    """A blosc2 frame in memory, written to a file by us, so that a full disk is an OSError and not a crash; and the
    sums of its chunks."""
    import blosc2

    # four times as fast to read as zstd, for files that are up to twice as large
    settings = blosc2.CParams(codec=blosc2.Codec.BLOSCLZ, clevel=5, filters=[blosc2.Filter.SHUFFLE], nthreads=1)
    packed = blosc2.asarray(
        np.ascontiguousarray(array), chunks=chunk, blocks=block_shape(chunk, array.itemsize), cparams=settings,
        contiguous=True,
    )  # fmt: skip
    return packed.to_cframe(), chunk_sums(packed)


def _small(rows: NDArray[np.int32]) -> NDArray[Any]:
    return rows.astype(np.uint16 if rows.max(initial=0) < 2**16 else np.int32)


def _npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _with_siblings(path: Path) -> list[Path]:
    """The file, and for formats of two files (header and voxels) both."""
    if path.suffix.lower() not in _TWO_FILES:
        return [path]
    return sorted(p for p in path.parent.glob(f"{path.stem}.*") if p.is_file())
