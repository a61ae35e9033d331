"""`ClassScore`: every metric of one class in one case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.evaluate.case import CasePair
from delineate.evaluate.counts import State
from delineate.evaluate.metric import Metric, all_metrics, counting_metrics
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.threads import measured


class ClassScore(Record):
    """The values of the metrics by name. ``state`` says whether truth and prediction have the class: ``present``
    (both), ``absent`` (neither), ``missed`` (only the truth), ``false alarm`` (only the prediction)."""

    case: str
    class_name: str
    state: State
    values: dict[str, float]

    @classmethod
    def of(cls, pair: ClassPair, case: str, class_name: str, metrics: Sequence[Metric] | None = None) -> ClassScore:
        """Measure one class with ``metrics``: by default all, or those that only count where there are no masks."""
        if metrics is None:
            metrics = all_metrics() if pair.has_masks else counting_metrics()
        values = {m.name: m(pair) for m in metrics}
        return cls(case=case, class_name=class_name, state=pair.counts.state, values=values)


def score_case(
    prediction_ids: NDArray[Any],
    truth_ids: NDArray[Any],
    labels: Labels,
    geometry: Geometry,
    case: str = "",
    metrics: Sequence[Metric] | None = None,
) -> tuple[ClassScore, ...]:
    """Measure one case: one score per class of ``labels``, in order.

    ``prediction_ids`` and ``truth_ids`` are ids ``[z, y, x]`` on one grid (``geometry`` gives the size of a voxel).
    Voxels whose truth is the ignore id are left out. ``metrics`` are all of the registry unless given;
    `counting_metrics` are the cheap ones.

    Raises:
        GeometryError: the arrays have different shapes.
        LabelError: values that are no ids of ``labels``.
    """
    chosen = all_metrics() if metrics is None else tuple(metrics)
    pair = CasePair.of(prediction_ids, truth_ids, labels, geometry)
    if not any(m.needs_masks for m in chosen):
        counted = (ClassPair.counted(c) for c in pair.counts)
        return tuple(ClassScore.of(p, case, name, chosen) for p, name in zip(counted, labels.names, strict=True))
    return measured(lambda k: ClassScore.of(pair.pair(k), case, labels.names[k], chosen), pair.voxels)
