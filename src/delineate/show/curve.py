"""`Curve`: the course of one training, loss and validation Dice against the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_VALIDATIONS = 2
FEWEST_LOSSES = 4
"""With less than these nothing is said of a curve."""
FLAT = 0.05
"""The loss is flat where its means over the third and the last quarter of the steps differ by less than this share."""

Series = NDArray[np.float64]
Columns = Mapping[str, Series]


@dataclass(frozen=True, eq=False)
class Curve:
    """Loss and validation Dice of one fold against the step; ``broken`` counts losses that were no finite number."""

    loss_steps: Series
    loss: Series
    dice_steps: Series
    dice: Series
    seconds: float
    rate: float = 0.0
    broken: int = 0

    @classmethod
    def of(cls, columns: Columns) -> Curve:
        """From the columns of ``metrics.csv``; a row of training is one that has a learning rate."""
        step = columns["step"]
        nothing = np.full(len(step), np.nan)
        loss, dice = columns.get("loss", nothing), columns.get("validation_dice", nothing)
        trained = np.isfinite(columns["lr"]) if "lr" in columns else np.isfinite(loss)
        there, scored = trained & np.isfinite(loss), np.isfinite(dice)
        clock = columns.get("seconds", nothing)
        seconds = float(np.nanmax(clock)) if np.isfinite(clock).any() else 0.0
        rate = float(columns["lr"][trained].max()) if "lr" in columns and trained.any() else 0.0
        return cls(step[there], loss[there], step[scored], dice[scored], seconds, rate, int((trained & ~there).sum()))

    @property
    def short(self) -> bool:
        """Whether there is too little of it to say anything."""
        return len(self.dice) < FEWEST_VALIDATIONS or len(self.loss) < FEWEST_LOSSES

    @property
    def end(self) -> float:
        """The last step."""
        return float(max([*self.loss_steps[-1:], *self.dice_steps[-1:]], default=0.0))

    def mean_loss(self, first: float, last: float) -> float:
        """The mean loss between two shares of the steps; the nearest value where there is none."""
        inside = (self.loss_steps > first * self.end) & (self.loss_steps <= last * self.end)
        if not inside.any():
            inside[np.argmin(np.abs(self.loss_steps - last * self.end))] = True
        return float(self.loss[inside].mean())

    @property
    def loss_flat(self) -> bool:
        """Whether the loss has stopped falling."""
        before, after = self.mean_loss(0.5, 0.75), self.mean_loss(0.75, 1.0)
        return before - after < FLAT * abs(before)
