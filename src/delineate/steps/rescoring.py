"""`score_kept`: where the weights that stand for a fold are not the last ones, its scores become theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from torch import nn

    from delineate.predict.validate import Validator
    from delineate.train.fit import Outcome

_SHARE = 0.01
"""Of a run's time: a validation that takes more is not repeated."""
_SLACK = 1.5
"""The same cases take a little more or less the second time."""


def score_kept(
    validator: Validator, net: nn.Module, outcome: Outcome, folder: Path, time_s: float | None
) -> str | None:
    """Validate once more with the kept weights of ``folder``, loaded into ``net``, where they are not those that the
    last validation scored and a repetition is cheap in a run of ``time_s`` seconds. Returns what a person should know.

    Raises:
        CheckpointError: the kept weights are gone or damaged.
    """
    from delineate.nets.checkpoint import load_checkpoint

    kept = outcome.state.choice().tell(outcome.state.step) if outcome.complete else None
    if kept is None:
        return None
    if time_s is not None and outcome.validation_s > _SHARE * time_s:
        return f"{kept}; scores and pictures are of the last, there was no time for another validation"
    net.load_state_dict(load_checkpoint(folder / "best")[0])
    validator.look = lambda name, ids, truth: None  # the pictures of the steps are drawn already
    validator(net.eval(), None if time_s is None else _SLACK * outcome.validation_s)
    return f"{kept}; scores and pictures are theirs"
