"""The verb `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.core.run import RunFolder

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.core.geometry import Geometry
    from delineate.core.labels import Labels
    from delineate.evaluate.explanation import ClassNumbers, MetricText


def explain(
    metric: str, case: tuple[Path, Path] | None = None, out: Path | None = None, run: Path | None = None
) -> tuple[MetricText, tuple[ClassNumbers, ...]]:
    """What a metric is; with ``case`` (a predicted and a true mask) also its value and counts for every class.

    ``out`` is a PNG of where the two agree and where not. ``run`` names the classes as that run did.

    Raises:
        UnknownNameError: no metric has that name.
        UsageError: a picture was asked for without a case, or of masks that are both empty.
        GeometryError, LabelError, FormatError: as in `evaluate`.
    """
    from delineate.core.errors import UsageError
    from delineate.evaluate.case import pair_case
    from delineate.evaluate.explanation import describe, measure
    from delineate.evaluate.metric import METRICS

    chosen = METRICS[metric]
    if case is None:
        if out is not None:
            raise UsageError("a picture without a case", "two masks to draw", "add --case PRED TRUTH")
        return describe(chosen), ()
    prediction, truth, labels, geometry = _read(Path(case[0]), Path(case[1]), run)
    pairs = pair_case(prediction, truth, labels, geometry)
    numbers = tuple(measure(chosen, pair, name) for pair, name in zip(pairs, labels.names, strict=True))
    if out is not None:
        _draw(prediction, truth, labels, geometry, metric, Path(case[1]), Path(out))
    return describe(chosen), numbers


def _read(prediction: Path, truth: Path, run: Path | None) -> tuple[Any, Any, Labels, Geometry]:
    """Predicted and true ids on one grid."""
    from delineate.core.errors import GeometryError
    from delineate.core.geometry import same_place
    from delineate.evaluate.values import labels_of, values_of
    from delineate.formats import read_label
    from delineate.plan.plan import Plan

    predicted, true = read_label(prediction), read_label(truth)
    if not same_place(predicted.geometry, true.geometry):
        raise GeometryError(
            f"{prediction} {predicted.geometry.shape} and {truth} {true.geometry.shape} lie on different grids",
            "masks on one grid",
            "resample the prediction to the truth's grid (nearest neighbour)",
        )
    if run is None:
        labels = labels_of(map(values_of, (prediction, truth)))
    else:
        labels = Plan.load(RunFolder(Path(run)).plan).labels
    return labels.encode(predicted.array_czyx[0]), labels.encode(true.array_czyx[0]), labels, true.geometry


def _draw(prediction: Any, truth: Any, labels: Labels, geometry: Geometry, metric: str, case: Path, out: Path) -> None:
    """Without the scan: masks alone, in the orientation radiologists are used to."""
    import numpy as np

    from delineate.core.errors import UsageError
    from delineate.formats import strip_suffix
    from delineate.show.explanation import draw_explanation
    from delineate.show.facts import CasePicture

    axes, flips = geometry.closest_axes()
    flipped = tuple(a for a, f in enumerate(flips) if f)
    found, true = (np.ascontiguousarray(np.flip(ids.transpose(axes), flipped)) for ids in (prediction, truth))
    name = strip_suffix(case)
    nothing = np.broadcast_to(np.zeros((), np.uint8), true.shape)
    facts = CasePicture(name, "", nothing, true, found, geometry.transposed(axes).spacing_mm)
    picture = draw_explanation(facts, labels, f"{metric}: {name}")
    if picture is None:
        raise UsageError("nothing is marked in either mask", "something to draw", "leave out -o to see the numbers")
    picture.save(out)
