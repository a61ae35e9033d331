"""A mask that does not lie on its image: another shape, or corners more than half a voxel away."""

from __future__ import annotations

from collections.abc import Iterator

from delineate.core.geometry import Geometry
from delineate.dataset.check import CHECKS, Problem, Survey
from delineate.dataset.place import diagnose, misplaced


@CHECKS.register("place")
def place(survey: Survey) -> Iterator[Problem]:
    """An error with the diagnosis: header only, resampled, flipped, shifted, cropped or axes swapped."""
    for fact in survey.facts:
        image, label = fact.head.grid, fact.head.label
        if image is None or label is None or not misplaced(image, label.geometry):
            continue
        found = fact.label.misplacement if fact.label else None
        found = found or diagnose(image, label.geometry)
        yield Problem(
            severity="error",
            check="place",
            case=fact.name,
            what=f"image and mask do not lie on one grid ({found.kind}): {_told(image, label.geometry)}, "
            f"corners up to {found.distance_mm:.3g} mm apart",
            cause=found.why,
            fix=found.fix,
        )


def _told(image: Geometry, label: Geometry) -> str:
    """The first property in which the two differ."""
    if image.shape != label.shape:
        return f"shape {_times(image.shape)} against {_times(label.shape)} (z, y, x)"
    if any(abs(a - b) > 1e-3 * a for a, b in zip(image.spacing_mm, label.spacing_mm, strict=True)):
        return f"spacing {_times(image.spacing_mm)} against {_times(label.spacing_mm)} mm"
    if image.closest_axes() != label.closest_axes():
        return "their axes run in different directions"
    return f"origin ({_listed(image.origin_mm)}) against ({_listed(label.origin_mm)}) mm"


def _times(values: tuple[float, ...]) -> str:
    return " x ".join(f"{v:g}" for v in values)


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{v:.4g}" for v in values)
