"""`SliceIndex`: which slices of which case hold which class; and boxes that cover whole planes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from delineate.core.geometry import Triple
from delineate.patches.draw import Draw, PatchSource, draw_anywhere, start_around, start_bounds

_GAP = 2
"""Slices without a known voxel that may lie within a run: only a sample of a large organ's voxels is known."""


def whole_plane(draw: Draw, shape: Triple, box: Triple) -> Draw:
    """The draw with the box at the corner of the plane along every in-plane axis that it covers, as in prediction."""
    z, y, x = (0 if axis and p >= n else s for axis, (s, n, p) in enumerate(zip(draw.start, shape, box, strict=True)))
    return replace(draw, start=(z, y, x))


class SliceIndex:
    """For each id the cases that hold it, and their slices along the first axis that do; background is no class."""

    def __init__(self, source: PatchSource, names: tuple[str, ...]) -> None:
        self._source = source
        self._names = names
        found: dict[int, list[tuple[str, NDArray[np.int32]]]] = {}
        for name in names:
            for class_id, voxels in source.foreground(name).items():
                if class_id > 0 and len(voxels):
                    found.setdefault(int(class_id), []).append((name, np.unique(voxels[:, 0])))
        self._slices = {class_id: tuple(found[class_id]) for class_id in sorted(found)}

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids that some case holds, ascending."""
        return tuple(self._slices)

    def draw(self, class_id: int, box: Triple, rng: np.random.Generator) -> Draw:
        """A box that holds a slice with the class; anywhere if no case has it."""
        cases = self._slices.get(class_id, ())
        if not cases:
            return draw_anywhere(self._source, self._names, box, rng, class_id)
        name, slices = cases[rng.integers(len(cases))]
        return self._around(name, class_id, int(slices[rng.integers(len(slices))]), box, rng)

    def draw_run(self, class_id: int, box: Triple, rng: np.random.Generator) -> Draw:
        """A box that holds a whole run of slices with the class, or lies within the run if that is longer, around a
        voxel of a slice it shows; anywhere if no case has the class."""
        cases = self._slices.get(class_id, ())
        if not cases:
            return draw_anywhere(self._source, self._names, box, rng, class_id)
        name, slices = cases[rng.integers(len(cases))]
        runs = _runs(slices)
        run = runs[rng.integers(len(runs))]
        low, high = start_bounds(self._source.shape(name), box)
        ends = sorted((int(run[-1]) + 1 - box[0], int(run[0])))
        z = int(np.clip(rng.integers(ends[0], ends[1], endpoint=True), low[0], high[0]))
        shown = run[(run >= z) & (run < z + box[0])]
        if not len(shown):  # slices that nothing is known of, within the run
            shown = run[[np.abs(run - z).argmin()]]
        draw = self._around(name, class_id, int(shown[rng.integers(len(shown))]), box, rng)
        return replace(draw, start=(z, *draw.start[1:]))

    def runs(self) -> list[int]:
        """The thickness in slices of every run."""
        cases = [slices for cases in self._slices.values() for _, slices in cases]
        return [int(run[-1] + 1 - run[0]) for slices in cases for run in _runs(slices)]

    def note(self, slices: int) -> str:
        """How many of the runs slabs of so many slices hold whole; nothing where they hold all."""
        runs = self.runs()
        fit = sum(n <= slices for n in runs)
        if fit == len(runs):
            return ""
        most = int(np.quantile(runs, 0.95, method="higher"))
        return (
            f"slabs of {slices} slices hold {fit} of {len(runs)} lesions whole; {most} slices would hold 95 % of them "
            "(plan.patch)"
        )

    def _around(self, name: str, class_id: int, z: int, box: Triple, rng: np.random.Generator) -> Draw:
        """A box around a voxel of the class in slice ``z``."""
        voxels = self._source.foreground(name)[class_id]
        here = voxels[voxels[:, 0] == z]
        voxel = here[rng.integers(len(here))].tolist()
        return Draw(name, start_around(voxel, self._source.shape(name), box, rng), "foreground", class_id)


def _runs(slices: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """The runs that ascending slices form."""
    return np.split(slices, np.flatnonzero(np.diff(slices) > _GAP + 1) + 1)
