"""`DetailTaker`: what only a page about the data needs to know of a case, taken while its files go by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.dataset.components import count_parts
from delineate.dataset.facts import CaseDetail, CaseHead, LabelFacts, no_sample

BACKGROUND_PER_CASE = 10_000
BACKGROUND_IN_ALL = 1_000_000
"""Intensities kept of all cases together: memory does not grow with their number."""

MOST_CLASSES = 256
"""A mask of more values numbers its objects: their parts are not counted one by one."""

_TRIES = 4  # places drawn for each that is wanted, since those in the foreground or in the padding are left out


def background_size(cases: int) -> int:
    """How many intensities around the foreground are kept of each of so many cases."""
    return max(20, min(BACKGROUND_PER_CASE, BACKGROUND_IN_ALL // max(1, cases)))


class DetailTaker:
    """Sees the mask of a case, then its image files one after another; none of them is kept.

    ``outside`` are the label values that are not foreground; the last of them may mean "nobody labelled this".
    """

    def __init__(
        self,
        head: CaseHead,
        labels: Labels | None,
        size: int,
        outside: tuple[int | None, ...],
        rng: np.random.Generator,
    ) -> None:
        self._head, self._labels, self._size, self._outside, self._rng = head, labels, size, outside, rng
        self._places: NDArray[np.int64] | None = None
        self._samples: list[NDArray[np.float32]] = []
        self._parts: dict[tuple[int, ...], int] = {}

    def see_mask(self, label: Volume, facts: LabelFacts) -> None:
        """Count the parts of each class, and draw places outside the foreground."""
        array = label.array_czyx[0]
        self._parts = count_parts(array, self._unions(facts))
        if self._head.grid is not None and array.shape == self._head.grid.shape:
            places = self._rng.integers(0, array.size, self._size * _TRIES)
            self._places = np.sort(places[array.reshape(-1)[places] == self._outside[0]])

    def see_image(self, volume: Volume) -> None:
        """Take the intensities at the places drawn; zeros of the first channel are padding, except in pictures."""
        array = volume.array_czyx
        if self._places is None or self._head.grid is None or array.shape[1:] != self._head.grid.shape:
            return
        if not self._samples:
            picture = any(i.kind == "picture" for i in self._head.images)
            kept = self._places if picture else self._places[array[0].reshape(-1)[self._places] != 0]
            self._places = np.sort(self._rng.permutation(kept)[: self._size])
        self._samples += [channel.reshape(-1)[self._places].astype(np.float32) for channel in array]

    def detail(self) -> CaseDetail:
        """What was seen."""
        whole = len(self._samples) == self._head.channels and bool(self._samples)
        return CaseDetail(np.stack(self._samples) if whole else no_sample(), self._parts)

    def _unions(self, facts: LabelFacts) -> list[tuple[int, ...]]:
        """The file values of each class; each value by itself where nothing is declared."""
        if self._labels is None:
            values = [v for v in facts.values if v != 0]
            return [(v,) for v in values] if len(values) <= MOST_CLASSES else []
        if self._labels.instances:
            return []
        return [tuple(self._labels.file_values[i] for i in c.ids) for c in self._labels.classes]
