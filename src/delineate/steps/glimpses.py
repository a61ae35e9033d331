"""`Glimpses`: the same few validation cases, drawn at every validation while a training runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.core.files import write_bytes
from delineate.core.labels import Labels
from delineate.show.glimpse import Glimpsed, draw_glimpse, glimpse_path, glimpse_steps, join_glimpses

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from numpy.typing import NDArray

    from delineate.store.chunks import Store

_CASES = 3
_MOST_PICTURES = 50
"""Of a fold: more validations than any training has."""


@dataclass
class Glimpses:
    """Draws the first cases of ``names`` into ``folder``, one picture at each validation.

    They are the cases that the first validation had time for, and of each it is always the same slice: across the axis
    that patches are cut along, where most is labelled. It is read from the prepared cases, so that a validation costs a
    chunk of each and no scan is read again.
    """

    store: Store
    names: Sequence[str]
    labels: Labels
    folder: Path
    _slices: dict[str, int] = field(default_factory=dict, init=False)
    _tiles: dict[str, NDArray[Any]] = field(default_factory=dict, init=False)

    def __call__(self, name: str, ids_zyx: NDArray[Any], truth_zyx: NDArray[Any]) -> None:
        """Look at a case that was just predicted; both arrays are on the scan's own grid."""
        if name not in self._cases():
            return
        trace = self.store.trace(name)
        found, true = trace.view(ids_zyx), trace.view(truth_zyx)
        if name not in self._slices:
            self._slices[name] = self._fullest(true)
        place = self._slices[name]
        depth, height, width = trace.prepared_shape
        prepared = min(int((place + 0.5) * depth / len(true)), depth - 1)
        image, _ = self.store.read_box(name, (prepared, 0, 0), (1, height, width))
        size_mm = tuple(n * mm for n, mm in zip(trace.crop_shape, trace.cropped.spacing_mm, strict=True))
        self._tiles[name] = draw_glimpse(image[0, 0], true[place], found[place], (size_mm[1], size_mm[2]), self.labels)

    def keep(self, step: int) -> None:
        """Write what was seen since the last time as the picture of a step."""
        tiles = {name: self._tiles[name] for name in self._cases() if name in self._tiles}
        self._tiles.clear()
        if not tiles or len(glimpse_steps(self.folder)) >= _MOST_PICTURES:
            return
        write_bytes(glimpse_path(self.folder, step), join_glimpses(list(tiles.values())))
        if not self._listed.is_file():
            Glimpsed(cases=tuple(tiles)).save(self._listed)

    def forget_after(self, step: int) -> None:
        """Remove the pictures of steps that a resumed run has yet to reach."""
        for later, path in glimpse_steps(self.folder).items():
            if later > step:
                path.unlink()
        if not glimpse_steps(self.folder):
            self._listed.unlink(missing_ok=True)

    @property
    def _listed(self) -> Path:
        return self.folder / "cases.json"

    def _cases(self) -> Sequence[str]:
        """Those of the first picture; before it, those that it may hold."""
        return Glimpsed.load(self._listed).cases if self._listed.is_file() else self.names[:_CASES]

    def _fullest(self, truth_zyx: NDArray[Any]) -> int:
        """The slice with most labelled voxels; the middle of a case without any."""
        import numpy as np

        ignored = -1 if self.labels.ignore_id is None else self.labels.ignore_id
        counts = [np.count_nonzero((plane > 0) & (plane != ignored)) for plane in truth_zyx]
        return int(np.argmax(counts)) if any(counts) else len(truth_zyx) // 2
