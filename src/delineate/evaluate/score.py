"""`ClassScore`: every metric of one class in one case."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.evaluate.counts import Counts, State, count
from delineate.evaluate.metric import METRICS


class ClassScore(Record):
    """The values of all metrics by name. ``state`` says whether truth and prediction have the class: ``present``
    (both), ``absent`` (neither), ``missed`` (only the truth), ``false alarm`` (only the prediction)."""

    case: str
    class_name: str
    state: State
    values: dict[str, float]

    @classmethod
    def of(cls, counts: Counts, case: str, class_name: str) -> ClassScore:
        """Measure counted voxels with every metric of the registry."""
        values = {name: METRICS[name](counts) for name in METRICS}
        return cls(case=case, class_name=class_name, state=counts.state, values=values)


def score_case(
    prediction_ids: NDArray[Any], truth_ids: NDArray[Any], labels: Labels, geometry: Geometry, case: str = ""
) -> tuple[ClassScore, ...]:
    """Measure one case: one score per class of ``labels``, in order.

    ``prediction_ids`` and ``truth_ids`` are ids ``[z, y, x]`` on one grid (``geometry`` gives the size of a voxel).
    Voxels whose truth is the ignore id are left out.

    Raises:
        GeometryError: the arrays have different shapes.
        LabelError: values that are no ids of ``labels``.
    """
    counted = count(prediction_ids, truth_ids, labels, geometry.voxel_ml)
    return tuple(ClassScore.of(c, case, name) for c, name in zip(counted, labels.names, strict=True))
