"""`Fit`: one network to train, with all the loop needs to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lightning_fabric import Fabric
from torch import Tensor, nn

from delineate.config import TrainConfig
from delineate.core.memory import MemoryWatch
from delineate.train.clock import Deadline
from delineate.train.schedule import Length
from delineate.train.watch import Watch


class TrainBatch(Protocol):
    """What the loop needs of a batch."""

    @property
    def image_bcx(self) -> Tensor:
        """Images."""

    @property
    def label_bx(self) -> Tensor:
        """Ids."""


class Batches(Protocol):
    """A source of batches that depend on the step alone."""

    def batches(self, first_step: int) -> Iterable[TrainBatch]:
        """Batches of ``first_step``, ``first_step + 1`` and so on, without end."""


Validate = Callable[[nn.Module, float | None], float]
"""Scores a network on whole cases within so many seconds (None: all cases); returns the mean Dice."""

Mine = Callable[[nn.Module, float | None, int], None]
"""Looks for mistakes of a network within so many seconds (None: as many cases as ever), after a step."""


@dataclass(frozen=True)
class Verdict:
    """What a person must hear of a validation at once, and whether training is to stop for it."""

    told: str
    stop: bool = False


Judge = Callable[[int, float, float], Verdict | None]
"""Judges the validation that has just ended, by the step, the progress (0 to 1) and the mean loss since the one before;
its time is part of the validation's."""


@dataclass
class Fit:
    """One network to train.

    ``length`` is the first guess at the number of steps; with a ``deadline`` it is corrected at epoch ends.
    ``card`` describes the network for whoever loads the checkpoint. ``memory`` knows the peak so far; ``spent_s`` is
    the wall-clock time the run has used before this loop. ``mine`` is called after each validation but the last,
    ``begun`` once, with the step that training begins at or goes on from; ``judge`` after each validation. ``cases``
    are the scores by case of the validation that has just ended, none where they are not known.
    """

    fabric: Fabric
    net: nn.Module
    loss: nn.Module
    batches: Batches
    validate: Validate
    config: TrainConfig
    folder: Path
    card: dict[str, Any]
    length: Length
    watch: Watch
    memory: MemoryWatch
    deadline: Deadline | None = None
    spent_s: float = 0.0
    validations: int = 4
    mine: Mine | None = None
    begun: Callable[[int], None] = lambda step: None
    judge: Judge = lambda step, progress, loss: None
    cases: Callable[[], Mapping[str, float]] = dict
