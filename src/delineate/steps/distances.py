"""`Distances`: how far apart the surfaces lie in the cases of a fold's last validation, measured when training is done.

While a training runs its validations only count voxels, which is all that every epoch can wait for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.memory import tree_bytes
from delineate.core.threads import cpus

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from numpy.typing import NDArray

    from delineate.evaluate.score import ClassScore

DISTANCES = ("hd95", "nsd", "assd")
"""All three come from the same two distance transforms."""
_BOX_S = 2e-7
"""Per voxel of the box of a class, on one slow core (measured)."""
_SCAN_S = 1e-7
"""Per voxel of a scan: its mask unpacked, its truth read, and distances in the part of it that is labelled."""
_CASE_S = 0.05
_MEASURE_BYTES = 16
"""Of each voxel of a box while distances are measured in it (measured)."""
_MOST_SHARE = 0.01
"""Of a run's time, set aside for this."""


@dataclass
class Distances:
    """Gathers the values of cases as they come by. A case that the time or the memory left does not allow is left
    without: `add_to` then gives its scores as they were."""

    labels: Labels
    budget_bytes: int
    values: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)

    def measure(
        self,
        prediction_ids: NDArray[Any],
        truth_ids: NDArray[Any],
        geometry: Geometry,
        case: str,
        seconds: float | None = None,
    ) -> bool:
        """Measure a case, ids ``[z, y, x]`` on one grid, in about ``seconds``; whether that was possible."""
        from delineate.evaluate.case import CasePair
        from delineate.evaluate.metric import METRICS
        from delineate.evaluate.score import ClassScore
        from delineate.evaluate.threads import measured

        pair = CasePair.of(prediction_ids, truth_ids, self.labels, geometry)
        at_once = sum(sorted(pair.voxels)[-cpus() :])
        if tree_bytes() + _MEASURE_BYTES * at_once > self.budget_bytes:
            return False
        if seconds is not None and _BOX_S * sum(pair.voxels) > seconds:
            return False
        metrics = [METRICS[name] for name in DISTANCES]
        names = self.labels.names
        found = measured(lambda k: ClassScore.of(pair.pair(k), case, names[k], metrics), pair.voxels)
        self.values |= {(case, score.class_name): score.values for score in found}
        return True

    def add_to(self, scores: Sequence[ClassScore]) -> tuple[ClassScore, ...]:
        """The scores with the distances beside their other values."""
        return tuple(
            score.model_copy(update={"values": score.values | self.values.get((score.case, score.class_name), {})})
            for score in scores
        )


def time_for_distances_s(shapes: Sequence[Sequence[int]], time_s: float) -> float:
    """What to set aside of a run of ``time_s`` seconds for the distances in scans of these shapes."""
    from math import prod

    return min(sum(_CASE_S + _SCAN_S * prod(shape) for shape in shapes), _MOST_SHARE * time_s)
