"""`Entry`: one prepared case of one stage in its own folder, named by a hash of all it depends on."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import RunError
from delineate.core.files import disk_full_told, hash_file, hash_text
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.case import Case
from delineate.plan.plan import Plan, Stage
from delineate.store.trace import Trace

_VERSION = "1"
_TEMPORARY = ".writing-"
_SMALL_BYTES = 512 * 1024
_MIN_CHUNK = 16
_HALF_MAX = 65504.0
_TWO_FILES = {".mhd", ".nhdr", ".hdr", ".img"}


class Entry(Record):
    """What is known of a prepared case without opening its arrays."""

    case: str
    channels: int
    trace: Trace

    @property
    def size_bytes(self) -> int:
        """Size of image and label when decompressed."""
        return int(np.prod(self.trace.prepared_shape)) * (2 * self.channels + 1)


def entry_key(case: Case, labels: Labels, plan: Plan, stage: Stage) -> str:
    """A hash over the bytes of the case's files and every decision preparation depends on."""
    files = [f for path in (*case.images, *([case.label] if case.label else [])) for f in _with_siblings(path)]
    decisions = [repr((plan.axes, plan.anisotropic, plan.crop, stage.spacing_mm))]
    decisions += [n.model_dump_json() for n in plan.normalisers]
    decisions += [repr((labels.file_values, labels.ignore_value))]
    return hash_text(_VERSION, *map(hash_file, files), *decisions)


def is_written(folder: Path) -> bool:
    """Whether a whole entry is there; a folder is renamed into place, so it is whole or absent."""
    try:
        Entry.load(folder / "case.json")
    except RunError:
        return False
    return (folder / "image.b2nd").exists() and (folder / "label.b2nd").exists()


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left half written."""
    for temporary in folder.glob(f"{_TEMPORARY}*"):
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
    """Write image (float16), label and foreground ``rows`` under a temporary name, then rename to ``folder``.

    Raises:
        DiskFullError: the disk is full; nothing is left behind.
    """
    with disk_full_told(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = folder.parent / f"{_TEMPORARY}{os.getpid()}-{folder.name}"
        try:
            temporary.mkdir(exist_ok=True)
            half = np.clip(image_czyx, -_HALF_MAX, _HALF_MAX).astype(np.float16)
            chunk = chunk_shape(label_zyx.shape, patch, 2 * len(half))
            _write(temporary / "image.b2nd", _compressed(half, (len(half), *chunk)))
            _write(temporary / "label.b2nd", _compressed(label_zyx, chunk))
            _write(temporary / "foreground.npy", _npy(rows))
            _write(temporary / "case.json", entry.model_dump_json(indent=2).encode())
            if folder.exists():
                shutil.rmtree(folder)
            temporary.replace(folder)
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


def _compressed(array: NDArray[Any], chunk: tuple[int, ...]) -> bytes:
    """A blosc2 frame in memory: written to a file by us, so that a full disk is an OSError and not a crash."""
    import blosc2

    settings = blosc2.CParams(codec=blosc2.Codec.ZSTD, clevel=1, filters=[blosc2.Filter.SHUFFLE], nthreads=1)
    packed = blosc2.asarray(np.ascontiguousarray(array), chunks=chunk, cparams=settings, contiguous=True)
    return bytes(packed.to_cframe())


def _npy(rows: NDArray[np.int32]) -> bytes:
    buffer = io.BytesIO()
    small = np.uint16 if rows.max(initial=0) < 2**16 else np.int32
    np.save(buffer, rows.astype(small), allow_pickle=False)
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
