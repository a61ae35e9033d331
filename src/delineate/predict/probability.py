"""`ProbabilityWriter`: the probability maps of a scan, gathered on the disk while they are computed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from delineate.core.files import UNFINISHED, disk_full_told
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.evaluate.probabilities import LABELS, class_folders
from delineate.formats.probability import SUFFIX, to_stored, write_probability
from delineate.store.trace import Trace


class ProbabilityWriter:
    """Hears the probabilities that `restore_logits` tells, slab by slab, and writes a map per class on `close`.

    Slabs run along an axis of the prepared grid, which may be any of the scan's: they are put together in files beside
    the maps (2 bytes a voxel and class, removed at the end), so that no map is ever held in memory as a whole.
    """

    def __init__(self, folder: Path, case: str, labels: Labels) -> None:
        self._places = [place / f"{case}{SUFFIX}" for place in class_folders(Path(folder), labels).values()]
        self._folder = Path(folder)
        self._trace: Trace | None = None
        labels.save(self._folder / LABELS)

    def __enter__(self) -> Self:
        self._raw = tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.cleanup()

    def begin(self, trace: Trace) -> None:
        """From now on slabs are of the scan with this trace."""
        self._trace = trace
        size = 2 * int(np.prod(trace.original.shape))
        for number, place in enumerate(self._places):
            with disk_full_told(place), self._file(number).open("wb") as file:
                file.truncate(size)
                if hasattr(os, "posix_fallocate"):  # a disk that is full later would end the process without a word
                    os.posix_fallocate(file.fileno(), 0, size)

    def tell(self, number: int, first: int, probability: NDArray[np.float32]) -> None:
        """Keep the probability of a class in the slices from ``first`` on."""
        whole = self._opened(number, "r+")
        assert self._trace is not None
        self._trace.view(whole)[first : first + len(probability)] = to_stored(probability)

    def close(self, place: Volume) -> None:
        """Write every map with the header and on the grid of ``place``."""
        for number, path in enumerate(self._places):
            write_probability(path, place.with_array(self._opened(number, "r")[None]))

    def _opened(self, number: int, mode: str) -> NDArray[np.uint16]:
        """Opened anew each time: what was written is given back to the system at once."""
        assert self._trace is not None
        shape = self._trace.original.shape
        return np.memmap(self._file(number), np.uint16, mode, shape=shape)  # type: ignore[call-overload, no-any-return]

    def _file(self, number: int) -> Path:
        return Path(self._raw.name) / str(number)
