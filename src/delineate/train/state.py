"""`RunState`: everything a resumed run needs to be the run that was never interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from delineate.core.errors import CheckpointError
from delineate.core.record import Record
from delineate.nets.checkpoint import facts_of, load_card, load_checkpoint, save_checkpoint
from delineate.train.choice import Choice
from delineate.train.optim import MovingAverage, pack_optimizer, unpack_optimizer
from delineate.train.schedule import Length


class RunState(Record):
    """Where a run is. Draws are keyed by (seed, epoch, index), so no generator's state has to be kept.

    ``spent_s`` is the wall-clock time used so far, over all the sittings; ``applied`` counts augmentations. The fields
    from ``best_score`` to ``top_cases`` are those of a `Choice`.
    """

    step: int = Field(ge=0)
    length: Length
    spent_s: float = 0.0
    best_score: float | None = None
    best_step: int = 0
    top_score: float | None = None
    top_cases: dict[str, float] = {}
    applied: dict[str, int] = {}

    def choice(self) -> Choice:
        """Which weights stand for the run so far."""
        top = self.best_score if self.top_score is None else self.top_score
        return Choice(self.best_score, self.best_step, top, dict(self.top_cases))


class CardFacts(BaseModel):
    """What the card of a run's own checkpoint says of the run; the rest is for prediction."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: RunState
    precision: Literal["bf16", "fp32"]


def save_state(
    path: Path, net: nn.Module, average: MovingAverage, optimizer: torch.optim.Optimizer, card: dict[str, Any]
) -> None:
    """Write weights (``net.``), their average (``ema.``) and the optimiser's state in one file, atomically."""
    tensors = {f"net.{k}": v for k, v in net.state_dict().items()}
    tensors |= {f"ema.{k}": v for k, v in average.weights.items()}
    tensors |= pack_optimizer(optimizer)
    save_checkpoint(path, tensors, card)


def load_state(path: Path, net: nn.Module, average: MovingAverage, optimizer: torch.optim.Optimizer) -> RunState:
    """Put back what `save_state` wrote.

    Raises:
        CheckpointError: the file belongs to another network or is damaged.
    """
    tensors, card = load_checkpoint(path)
    parts: dict[str, dict[str, Tensor]] = {"net": {}, "ema": {}}
    for key, value in tensors.items():
        room, _, name = key.partition(".")
        if room in parts:
            parts[room][name] = value
    try:
        net.load_state_dict(parts["net"])
        average.load(parts["ema"])
        unpack_optimizer(optimizer, ((k, v) for k, v in tensors.items() if k.startswith("optimizer.")))
        return RunState.model_validate(card["state"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{path} does not continue this run: {error}",
            "the last checkpoint of a run with the same network",
            "start anew in another folder with -o",
        ) from error


def load_newest_card(path: Path) -> CardFacts:
    """What the card of the newest checkpoint says, without reading its tensors.

    Raises:
        CheckpointError: there is none, it is not of this program, or it does not say all it must.
    """
    return facts_of(load_card(path)["card"], CardFacts, path)


def seed_everything(seed: int) -> None:
    """Fresh weights are the only thing drawn from the global generator; all other draws are keyed."""
    torch.manual_seed(seed)
