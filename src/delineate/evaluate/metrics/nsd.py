"""The normalised surface distance (surface Dice): how much of both surfaces is near enough."""

from __future__ import annotations

from delineate.evaluate.metric import METRICS, Metric
from delineate.evaluate.pair import ClassPair

DEFAULT_TOLERANCE_MM = 2.0


def normalised_surface_distance(pair: ClassPair, tolerance_mm: float = DEFAULT_TOLERANCE_MM) -> float:
    """(area of the truth's surface within the tolerance of the prediction's + the reverse) / (area of both surfaces).

    The tolerance should be what two readers differ by; `nsd` takes 2 mm, and `nsd_at` makes the metric for another.
    Surfaces and areas are those of surface-distance (see `evaluate.surface`); a distance that equals the tolerance is
    within it.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Nikolov et al., Clinically Applicable Segmentation of Head and Neck Anatomy, JMIR 2021.

    Example:

        truth   prediction
        ....    ....
        .#..    .##.
        ....    ....
        ....    ....
        pixels of 1 x 3 mm, tolerance 2 mm
        a contour has pieces between its pixels: of sqrt(0.5^2 + 1.5^2) = 1.5811 mm at a corner, of 3 mm along x
        truth 4 corners, 6.3246 mm; prediction 4 corners and 2 sides, 12.3246 mm
        only the two right corners of the prediction, 3.1623 mm, are off: by 3 mm, too far
        (6.3246 + 12.3246 - 3.1623) / (6.3246 + 12.3246) = 0.8304
    """
    truth, prediction = pair.surfaces.truth, pair.surfaces.prediction
    near = truth.within(tolerance_mm) + prediction.within(tolerance_mm)
    return near / (truth.total + prediction.total)


def nsd_at(tolerance_mm: float, name: str | None = None) -> Metric:
    """The metric at a tolerance, to be given to `score_case`; its name is ``nsd_1mm`` for 1 mm unless given."""

    def formula(pair: ClassPair) -> float:
        return normalised_surface_distance(pair, tolerance_mm)

    formula.__doc__ = normalised_surface_distance.__doc__
    return Metric(name or f"nsd_{tolerance_mm:g}mm", formula, "higher", needs_masks=True)


nsd = METRICS.register("nsd")(nsd_at(DEFAULT_TOLERANCE_MM, "nsd"))
