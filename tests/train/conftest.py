from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from lightning_fabric import Fabric
from torch import nn

from delineate.config import TrainConfig
from delineate.core.memory import MemoryWatch
from delineate.train.job import Fit
from delineate.train.schedule import Length


@dataclass(frozen=True)
class Toy:
    """A batch that depends on its number alone."""

    image_bcx: torch.Tensor
    label_bx: torch.Tensor

    @classmethod
    def of(cls, number: int) -> Toy:
        image = torch.randn((2, 1, 6, 6), generator=torch.Generator().manual_seed(number))
        return cls(image, (image[:, 0] > 0).long())


@dataclass
class Source:
    """Toy batches; ``before(step)`` is called as each is drawn. ``seconds`` is how long one takes."""

    before: Callable[[int], None] = lambda step: None
    seconds: float = 0.0
    accumulate: int = 1

    def batches(self, first_step):
        number = first_step * self.accumulate
        while True:
            self.before(number // self.accumulate)
            time.sleep(self.seconds)
            yield Toy.of(number)
            number += 1


@dataclass
class Ears:
    """A watch that remembers."""

    rows: list = field(default_factory=list)
    moves: list = field(default_factory=list)

    def heard(self, row):
        self.rows.append(row)

    def moved(self, step, total, row):
        self.moves.append((step, total))


@dataclass
class Kit:
    """Builds jobs of a small network in a folder."""

    fabric: Fabric

    Source = Source
    Ears = Ears

    def net(self, seed: int = 0) -> nn.Module:
        torch.manual_seed(seed)
        return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.InstanceNorm2d(4, affine=True), nn.Conv2d(4, 2, 1))

    def score(self, net, seconds):
        """Mean accuracy on one batch, so that it depends on the weights alone."""
        toy = Toy.of(10**6)
        with torch.no_grad():
            return float((net(toy.image_bcx).argmax(1) == toy.label_bx).float().mean())

    def job(self, folder, source=None, steps=40, seed=0, config=None, **changes) -> Fit:
        folder.mkdir(parents=True, exist_ok=True)
        values = {
            "fabric": self.fabric,
            "net": self.net(seed),
            "loss": nn.CrossEntropyLoss(),
            "batches": source or Source(),
            "validate": self.score,
            "config": config or TrainConfig(epoch_steps=7),
            "folder": folder,
            "card": {"batch": 2},
            "length": Length.of(steps),
            "watch": Ears(),
            "memory": MemoryWatch(),
        }
        return Fit(**{**values, **changes})


@pytest.fixture(scope="session")
def kit() -> Kit:
    """See `Kit`."""
    torch.set_num_threads(1)
    return Kit(Fabric(accelerator="cpu", devices=1, precision="32-true"))
