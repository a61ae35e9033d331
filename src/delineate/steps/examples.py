"""Pictures of a few cases of a data set, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from delineate.core.errors import DelineateError
from delineate.core.memory import tree_bytes

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.core.labels import Labels
    from delineate.dataset.case import Case, Dataset
    from delineate.dataset.check import CheckResult
    from delineate.dataset.facts import CaseFacts
    from delineate.show.facts import CasePicture

_MOST_VOXELS = 256
"""Along an axis of a picture: every second voxel or fewer of a large scan."""


def draw_examples(data: Dataset, result: CheckResult, budget_bytes: int) -> tuple[list[CasePicture], list[str]]:
    """The first case, the median one and the largest by foreground; and a note for each that was not drawn."""
    from delineate.dataset.reading import look_bytes

    pictures, notes = [], []
    for case, facts, title in telling_cases(data, result):
        if look_bytes(facts.head) + tree_bytes() > budget_bytes:
            notes.append(f"{case.name} is not drawn: more memory would be needed")
            continue
        try:
            pictures.append(_picture(case, result.labels, title))
        except DelineateError as error:
            notes.append(f"{case.name} is not drawn: {error.what}")
    return pictures, notes


def telling_cases(data: Dataset, result: CheckResult) -> list[tuple[Case, CaseFacts, str]]:
    """Which cases are drawn, each once, and why; only those without troubles."""
    from delineate.dataset.profile import foreground_voxels

    fine = [(c, f) for c, f in zip(data.cases, result.facts, strict=True) if not f.troubles and f.head.grid]
    masked = [(c, f) for c, f in fine if f.label is not None] or fine
    if not masked:
        return []

    def size(pair: tuple[Case, CaseFacts]) -> float:
        grid = pair[1].head.grid
        return foreground_voxels(pair[1].label, result.labels) * (grid.voxel_ml if grid else 0.0)

    ranked = sorted(masked, key=size)
    chosen = {"first": masked[0], "median size": ranked[len(ranked) // 2], "largest": ranked[-1]}
    titles: dict[str, list[str]] = {}
    for title, (case, _) in chosen.items():
        titles.setdefault(case.name, []).append(title)
    return [(c, f, ", ".join(titles[c.name])) for c, f in {c.name: (c, f) for c, f in chosen.values()}.values()]


def _picture(case: Case, labels: Labels | None, title: str) -> CasePicture:
    """The first channel (all of a colour picture) and the ids, thinned, in canonical orientation."""
    import numpy as np

    from delineate.core.geometry import same_place
    from delineate.formats import read_label, read_volume
    from delineate.show.facts import CasePicture

    volume = read_volume(case.images[0])
    axes, flips = volume.geometry.closest_axes()
    turned = volume.geometry.transposed(axes)
    steps = tuple(-(-n // _MOST_VOXELS) if turned.shape[0] > 1 else 1 for n in turned.shape)
    view = _View(axes, tuple(a for a, f in enumerate(flips) if f), steps)
    colours = [view(c) for c in volume.array_czyx[:3]]
    image = np.stack(colours, -1) if len(volume.array_czyx) in (3, 4) and turned.shape[0] == 1 else colours[0]
    ids = np.zeros(image.shape[:3], np.uint8)
    if case.label is not None:
        label = read_label(case.label)
        if same_place(label.geometry, volume.geometry):
            ids = _ids(view(label.array_czyx[0]), labels)
    z, y, x = (s * n for s, n in zip(turned.spacing_mm, steps, strict=True))
    flat = turned.shape[0] == 1
    note = " × ".join(map(str, turned.shape[1:] if flat else turned.shape)) + (" pixels" if flat else " voxels")
    return CasePicture(case.name, title, image, ids, np.zeros_like(ids), (z, y, x), note)


class _View:
    """Turns, flips and thins an array ``[z, y, x]``."""

    def __init__(self, axes: tuple[int, ...], flips: tuple[int, ...], steps: tuple[int, ...]) -> None:
        self._axes, self._flips, self._thin = axes, flips, tuple(slice(None, None, n) for n in steps)

    def __call__(self, array_zyx: Any) -> Any:
        import numpy as np

        return np.ascontiguousarray(np.flip(array_zyx.transpose(self._axes), self._flips)[self._thin])


def _ids(values: Any, labels: Labels | None) -> Any:
    return labels.encode(values) if labels is not None else (values != 0).astype("uint8")
