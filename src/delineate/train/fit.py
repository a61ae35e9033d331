"""`fit`: trains a network to the end of its schedule."""

from __future__ import annotations

from dataclasses import dataclass, field

from delineate.train.job import Fit
from delineate.train.loop import Loop
from delineate.train.state import RunState
from delineate.train.stop import stop_asked


@dataclass
class Outcome:
    """How a run ended: complete, or stopped by a signal (then it can be resumed). ``validation_s`` is what its last
    validation took, 0 if there was none.
    """

    state: RunState
    complete: bool
    seconds: dict[str, float] = field(default_factory=dict)
    validation_s: float = 0.0


def fit(job: Fit, resume: bool = False) -> Outcome:
    """Train to the end of the schedule, leaving ``last`` and ``best`` checkpoints in the folder.

    Raises:
        DivergedError: the loss is no longer finite.
        CheckpointError: ``resume`` met a checkpoint of another network.
    """
    loop = Loop(job, resume)
    with stop_asked() as asked:
        complete = loop.run(asked)
    return Outcome(loop.state(), complete, loop.seconds, loop.pauses.seen_s or 0.0)
