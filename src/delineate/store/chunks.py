"""`Store`: prepared cases read box by box; only the chunks a box touches are decompressed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import RunError, UsageError
from delineate.core.geometry import Triple, Triple_mm
from delineate.core.record import Record
from delineate.dataset.case import Case
from delineate.plan.budget import MAPPED, TINY_BYTES
from delineate.plan.plan import Stage
from delineate.store.entry import SUMS, Entry
from delineate.store.guard import CaseGuard, Guard, require
from delineate.store.prepared import PreparedCase
from delineate.store.recent import Recent
from delineate.store.trace import Trace

_COORDINATE_BYTES = 64 * 1024**2


class Indexed(Record):
    """A case and the name of the folder it was prepared into."""

    case: Case
    folder: str


class Index(Record):
    """The cases prepared for one stage."""

    stage: Stage
    cases: tuple[Indexed, ...]


class Store:
    """Prepared cases of one stage, safe to read from several threads.

    All cases are kept decompressed once they fit into ``cache_bytes`` together; otherwise only tiny ones are, the
    least recently used making room.
    """

    def __init__(self, folder: Path, index: Index, cache_bytes: int = 0) -> None:
        self.folder = folder
        self.stage = index.stage
        self._indexed = {c.case.name: c for c in index.cases}
        self._entries = {n: Entry.load(folder / c.folder / "case.json") for n, c in self._indexed.items()}
        total = sum(e.size_bytes for e in self._entries.values())
        self._keep_bytes = cache_bytes if total <= cache_bytes else min(cache_bytes, TINY_BYTES)
        self._unread: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}  # chunks not yet compared
        self._opened: Recent[PreparedCase] = Recent(max(MAPPED * cache_bytes, TINY_BYTES))
        self._whole: Recent[PreparedCase] = Recent(cache_bytes)
        self._coordinates: Recent[dict[int, NDArray[np.int32]]] = Recent(min(cache_bytes, _COORDINATE_BYTES))

    @classmethod
    def open_folder(cls, folder: Path, stage: str | None = None, cache_bytes: int = 256 * 1024**2) -> Self:
        """The store that `prepare_dataset` wrote into ``folder``, of the named stage (needed if there are several).

        Raises:
            RunError: nothing was prepared there, or what was is damaged.
        """
        indexes = sorted(Path(folder).glob("stage-*.json" if stage is None else f"stage-{stage}.json"))
        if len(indexes) != 1:
            raise RunError(
                f"{folder} holds {len(indexes)} prepared data sets" + (f" for stage {stage}" if stage else ""),
                "one" if stage else "one, or the name of a stage",
                "run `delineate train` to prepare the data",
            )
        return cls(Path(folder), Index.load(indexes[0]), cache_bytes)

    def __reduce__(self) -> tuple[Callable[..., Store], tuple[Any, ...]]:
        return type(self).open_folder, (self.folder, self.stage.name, self._whole.limit)

    @property
    def names(self) -> tuple[str, ...]:
        """The cases in the data set's order."""
        return tuple(self._indexed)

    @property
    def spacing_mm(self) -> Triple_mm:
        """The spacing all cases were resampled to."""
        return self.stage.spacing_mm

    @property
    def channels(self) -> int:
        """Channels of every image."""
        return next(iter(self._entries.values())).channels

    @property
    def label_dtype(self) -> np.dtype[Any]:
        """The type of the ids of every label."""
        found: np.dtype[Any] = self.open(self.names[0]).label_zyx.dtype
        return found

    @property
    def size_bytes(self) -> int:
        """What all cases take decompressed."""
        return sum(e.size_bytes for e in self._entries.values())

    def case(self, name: str) -> Case:
        """The files the case was made from."""
        return self._known(name).case

    def trace(self, name: str) -> Trace:
        """How the case was made."""
        self._known(name)
        return self._entries[name].trace

    def shape(self, name: str) -> Triple:
        """The prepared shape."""
        return self.trace(name).prepared_shape

    def foreground(self, name: str) -> dict[int, NDArray[np.int32]]:
        """Coordinates ``[n, 3]`` of a sample of each id's voxels; ids the case lacks are absent."""
        kept = self._coordinates.get(name)
        if kept is None:
            rows = self._array(name, "foreground.npy").astype(np.int32)
            ids, starts = np.unique(rows[:, 0], return_index=True)
            parts = np.split(np.ascontiguousarray(rows[:, 1:]), starts[1:])
            kept = {int(i): part for i, part in zip(ids, parts, strict=False)}
            self._coordinates.put(name, kept, rows.nbytes)
        return kept

    def open(self, name: str) -> PreparedCase:
        """The case's arrays, decompressed if it is one to keep, else memory-mapped.

        Raises:
            StoreError: its files are not as they were written; of those memory-mapped, sizes and headers are looked at.
        """
        case = self._whole.get(name) or self._opened.get(name)
        if case is None:
            case = self._open_files(name)
            size = self._entries[name].size_bytes
            if size <= self._keep_bytes:
                if case.guard is not None:
                    case.guard.check((slice(None),) * 3)
                case = PreparedCase(case.image_czyx[:], case.label_zyx[:], case.lock)
                self._whole.put(name, case, size)
            else:
                self._opened.put(name, case, min(self._mapped_bytes(name), self._opened.limit))
        return case

    def _mapped_bytes(self, name: str) -> int:
        files = self._entries[name].files
        return sum(files[n].size for n in ("image.b2nd", "label.b2nd")) or 1

    def whole(self, name: str) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Image float32 ``[channel, *shape]`` and label ``[*shape]``."""
        return self.read_box(name, (0, 0, 0), self.shape(name))

    def read_box(self, name: str, start: Triple, shape: Triple) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Image float32 ``[channel, *shape]`` and label ``[*shape]`` of a box, which may reach over any border (and
        start below 0): 0 there, in the image and in the label."""
        image = np.empty((self.channels, *shape), np.float32)
        label = np.empty(shape, self.label_dtype)
        self.read_into(name, start, image, label)
        return image, label

    def read_into(self, name: str, start: Triple, image: NDArray[np.float32], label: NDArray[Any]) -> None:
        """The same into arrays that are there already, ``[channel, *shape]`` and ``[*shape]``."""
        case = self.open(name)
        low = _triple(max(0, s) for s in start)
        high = _triple(min(n, s + m) for n, s, m in zip(self.shape(name), start, label.shape, strict=True))
        if any(a >= b for a, b in zip(low, high, strict=True)):
            image.fill(0)
            label.fill(0)
            return
        z, y, x = (slice(a - s, b - s) for a, b, s in zip(low, high, start, strict=True))
        _clear_around(image, (z, y, x))
        _clear_around(label, (z, y, x))
        case.read(low, high, image[:, z, y, x], label[z, y, x])

    def _open_files(self, name: str) -> PreparedCase:
        import blosc2

        def opened(file: str) -> Any:
            path = require(self._folder_of(name), self._entries[name], file)
            settings = blosc2.DParams(nthreads=1)  # the callers are many already
            return blosc2.open(str(path), mode="r", mmap_mode="r", dparams=settings)

        image, label, sums = opened("image.b2nd"), opened("label.b2nd"), self._array(name, SUMS)
        first = image.schunk.nchunks
        before = self._unread.get(name, (None, None))
        guards = Guard(image, sums[:first], before[0]), Guard(label, sums[first:], before[1])
        self._unread[name] = guards[0].unread, guards[1].unread
        return PreparedCase(image, label, threading.Lock(), CaseGuard(name, *guards))

    def _array(self, name: str, file: str) -> NDArray[Any]:
        """A small file of a case, every byte of it compared."""
        path = require(self._folder_of(name), self._entries[name], file, whole=True)
        rows: NDArray[Any] = np.load(path, allow_pickle=False)
        return rows

    def _folder_of(self, name: str) -> Path:
        return self.folder / self._known(name).folder

    def _known(self, name: str) -> Indexed:
        if name not in self._indexed:
            raise UsageError(
                f"no prepared case is named {name!r}", f"one of {len(self._indexed)} cases of {self.folder}"
            )
        return self._indexed[name]


def _clear_around(array: NDArray[Any], box: tuple[slice, slice, slice]) -> None:
    """Zeros wherever the last three axes are outside of the box, and nothing else touched."""
    for axis, span in enumerate(box):
        for outside in (slice(0, span.start), slice(span.stop, None)):
            index: tuple[Any, ...] = (..., *box[:axis], outside, *(slice(None),) * (2 - axis))
            array[index] = 0


def _triple(values: Iterable[int]) -> Triple:
    z, y, x = values
    return int(z), int(y), int(x)
