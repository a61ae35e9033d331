"""Several networks as one: the mean of their probabilities, as logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from delineate.predict.engine import Engine


class EnsembleEngine:
    """An engine that averages the members' log-probabilities' exponentials: folds vote with their confidence."""

    def __init__(self, members: Sequence[Engine], regions: bool) -> None:
        self._members = tuple(members)
        self._regions = regions

    def __call__(self, windows_bcx: Tensor) -> Tensor:
        """Logits whose softmax (sigmoid for regions) is the mean of the members'."""
        if len(self._members) == 1:
            return self._members[0](windows_bcx)
        mean = torch.stack([self._probabilities(m(windows_bcx)) for m in self._members]).mean(0)
        return torch.logit(mean, eps=1e-6) if self._regions else mean.clamp_min(1e-6).log()

    def _probabilities(self, logits: Tensor) -> Tensor:
        return logits.sigmoid() if self._regions else logits.softmax(1)
