"""`Certainty`: how sure the network was in each validation case, counted while its logits pass by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from delineate.core.labels import Labels

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from numpy.typing import NDArray

    from delineate.evaluate.calibration import Tally
    from delineate.evaluate.certainties import Certainties


class Certainty:
    """Is told probabilities and true ids of a case (`predict.validate.Probabilities`) and keeps a few sums of each:
    a case that is told again counts once, as it was told last."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._tallies: dict[str, list[Tally]] = {}

    def __call__(self, case: str, probabilities_kn: NDArray[Any], ids_n: NDArray[Any]) -> None:
        """``[channel, n]`` and ``[n]``; voxels without a label are left out."""
        import numpy as np

        from delineate.evaluate.calibration import Tally

        labels = self._labels
        valid = None if labels.ignore_id is None else ids_n != labels.ignore_id
        channels = range(labels.channels) if labels.regions else [c.ids[0] for c in labels.classes]
        self._tallies[case] = [
            Tally.of(probabilities_kn[k], np.isin(ids_n, wanted.ids), valid)
            for k, wanted in zip(channels, labels.classes, strict=True)
        ]

    def of(self, cases: Sequence[str]) -> Certainties | None:
        """The calibration over some of the cases; None where none of them was told."""
        from delineate.evaluate.calibration import Tally
        from delineate.evaluate.certainties import Certainties

        told = [name for name in cases if name in self._tallies]
        pooled = [Tally() for _ in self._labels.classes]
        for name in told:
            for total, one in zip(pooled, self._tallies[name], strict=True):
                total += one
        classes = tuple(t.reliability(n) for t, n in zip(pooled, self._labels.names, strict=True))
        return Certainties(classes=classes, cases=tuple(told)) if told else None
