"""`fit`: the training loop. Steps are the unit; the deadline, where there is one, only decides how many."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from delineate.config import TrainConfig
from delineate.core.errors import DivergedError
from delineate.core.memory import MemoryWatch
from delineate.nets.checkpoint import save_checkpoint
from delineate.train.clock import Deadline
from delineate.train.optim import MovingAverage, base_rate, build_optimizer
from delineate.train.schedule import Length, learning_rate
from delineate.train.state import RunState, load_state, save_state
from delineate.train.watch import Watch, memory_gib


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

MINE_SHARE = 0.25
"""Of the time of a validation."""


@dataclass
class Fit:
    """One network to train.

    ``length`` is the first guess at the number of steps; with a ``deadline`` it is corrected at epoch ends.
    ``card`` describes the network for whoever loads the checkpoint. ``memory`` knows the peak so far; ``spent_s`` is
    the wall-clock time the run has used before this loop. ``mine`` is called after each validation but the last.
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


@dataclass
class Outcome:
    """How a run ended: complete, or stopped by a signal (then it can be resumed)."""

    state: RunState
    complete: bool
    seconds: dict[str, float] = field(default_factory=dict)


def fit(job: Fit, resume: bool = False) -> Outcome:
    """Train to the end of the schedule, leaving ``last`` and ``best`` checkpoints in the folder.

    Raises:
        DivergedError: the loss is no longer finite.
        CheckpointError: ``resume`` met a checkpoint of another network.
    """
    loop = _Loop(job, resume)
    with stop_asked() as asked:
        complete = loop.run(asked)
    return Outcome(loop.state(), complete, loop.seconds)


@contextmanager
def stop_asked() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM set a flag that the loop reads between steps; a second Ctrl-C interrupts at once."""
    flag = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal flag
        if flag:
            raise KeyboardInterrupt
        flag = True

    before: dict[signal.Signals, Any] = {}
    with suppress(ValueError):  # not the main thread: the caller owns the signals
        before = {s: signal.signal(s, handle) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Loop:
    """The run in motion: what changes from step to step."""

    def __init__(self, job: Fit, resume: bool) -> None:
        self.job = job
        optimizer = build_optimizer(job.net, job.config)
        self.average = MovingAverage(job.net.to(job.fabric.device), job.config.ema)
        self.step, self.length = 0, job.length
        self.best_score: float | None = None
        self.best_step, self.spent_s = 0, job.spent_s
        if resume:
            self._restore(load_state(job.folder / "last", job.net, self.average, optimizer))
        self.raw_net, self.raw_optimizer = job.net, optimizer
        self.net, self.optimizer = job.fabric.setup(job.net, optimizer)
        self.scorer = _clone_for_average(job.net)
        self.validation_s: float | None = None
        self.seconds = {"step": 0.0, "wait": 0.0, "validate": 0.0, "checkpoint": 0.0}
        self.started = self.saved = time.monotonic()

    def _restore(self, state: RunState) -> None:
        self.step, self.length = state.step, state.length
        self.best_score, self.best_step = state.best_score, state.best_step

    def state(self) -> RunState:
        return RunState(
            step=self.step,
            length=self.length,
            spent_s=self.spent_s + time.monotonic() - self.started,
            best_score=self.best_score,
            best_step=self.best_step,
        )

    def run(self, asked: Callable[[], bool]) -> bool:
        """Epochs until the schedule is done; False when a signal ended it."""
        stream = iter(self.job.batches.batches(self.step))
        self.net.train()
        while self.step < self.length.total:
            if not self._epoch(stream, asked):
                self._save()
                return False
            if self._validation_due():
                self._validate(self._validation_seconds(), mine=self.job.mine)
            if self.job.deadline is not None:
                self.length = self.job.deadline.correct(self.length, self.step, self._pauses_ahead_s())
        self._validate(self._final_seconds())
        self._save()
        return True

    def _epoch(self, stream: Iterator[TrainBatch], asked: Callable[[], bool]) -> bool:
        """Steps to the next multiple of the epoch's length; tells the watch. False when asked to stop."""
        size = self._epoch_steps()
        end = min((self.step // size + 1) * size, self.length.total)
        begun, first, losses = time.monotonic(), self.step, []
        while self.step < end:
            if asked():
                return False
            losses.append(self._one_step(stream))
            if self.step % 10 == 0 or self.step == end:
                self._tell(begun, first, losses[-10:], moved_only=True)
            if time.monotonic() - self.saved > self.job.config.checkpoint_every_s:
                self._save()
        if self.job.deadline is not None:
            self.job.deadline.note((time.monotonic() - begun) / max(self.step - first, 1))
        self._tell(begun, first, losses, moved_only=False)
        return True

    def _epoch_steps(self) -> int:
        """Short runs have short epochs, so that there are enough ends to correct the length at."""
        return max(5, min(self.job.config.epoch_steps, self.job.length.total // 25))

    def _one_step(self, stream: Iterator[TrainBatch]) -> float:
        config = self.job.config
        rate = learning_rate(self.length.progress(self.step), base_rate(config), config.schedule, config.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total = 0.0
        for _ in range(config.accumulate):
            start = time.monotonic()
            batch = next(stream)
            self.seconds["wait"] += time.monotonic() - start
            loss = self.job.loss(self.net(batch.image_bcx), batch.label_bx) / config.accumulate
            self.job.fabric.backward(loss)
            total += float(loss.detach())
        if not math.isfinite(total):
            raise DivergedError(
                f"the loss is {total} at step {self.step}",
                "a finite number",
                "lower the learning rate: --set train.learning_rate=0.0005, or use --set train.precision=fp32",
            )
        self.job.fabric.clip_gradients(self.net, self.optimizer, max_norm=config.clip, error_if_nonfinite=False)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.average.update(self.raw_net, self.step)
        return total

    def _tell(self, begun: float, first: int, losses: list[float], moved_only: bool) -> None:
        seconds = max(time.monotonic() - begun, 1e-9)
        config = self.job.config
        progress = self.length.progress(self.step)
        row: dict[str, float | str] = {
            "step": str(self.step),
            "seconds": self.state().spent_s,
            "phase": "train",
            "loss": sum(losses) / max(len(losses), 1),
            "lr": learning_rate(progress, base_rate(config), config.schedule, config.warmup),
            "patches_per_s": (self.step - first) * self.job.card["batch"] * config.accumulate / seconds,
            "memory_gib": memory_gib(self.job.memory.peak_bytes),
        }
        if not moved_only:
            self.seconds["step"] += seconds
            self.job.watch.heard(row)
        self.job.watch.moved(self.step, self.length.total, row)

    # Validation -----------------------------------------------------------------------------------------------------

    def _validation_due(self) -> bool:
        """Evenly spread over the schedule, none in the last stretch: the end has its own."""
        if self.job.validations <= 0 or self._validation_too_dear():
            return False
        size = self._epoch_steps()
        share = 1.0 / (self.job.validations + 1)
        now, before = self.length.progress(self.step), self.length.progress(max(self.step - size, 0))
        return now < 1 - share / 2 and int(now / share) > int(before / share)

    def _share_s(self) -> float | None:
        if self.job.deadline is None:
            return None
        return self.job.config.validate_share * (self.state().spent_s + max(self.job.deadline.left_s(), 0))

    def _validation_seconds(self) -> float | None:
        share = self._share_s()
        return None if share is None else share / 2 / max(self.job.validations, 1)

    def _final_seconds(self) -> float | None:
        share = self._share_s()
        if share is None or self.job.deadline is None:
            return None
        return max(share / 2, self.job.deadline.left_s())

    def _validation_too_dear(self) -> bool:
        """Whether one was seen to take far more than its share (a single case can): then only the end has one."""
        allowed = self._validation_seconds()
        return allowed is not None and self.validation_s is not None and self.validation_s > 2 * allowed

    def _pauses_ahead_s(self) -> float:
        """What the validations still to come will take: their share until one was seen, then about what it took."""
        share, allowed = self._share_s() or 0.0, self._validation_seconds() or 0.0
        final, each = share / 2, allowed
        if self.validation_s is not None:
            all_seen = self.validation_s < 0.8 * allowed
            final = 1.3 * self.validation_s if all_seen else max(share / 2, 1.1 * self.validation_s)
            each = 0.0 if self._validation_too_dear() else 1.1 * self.validation_s
        return final + each * math.ceil(self.job.validations * max(0.0, 1 - self.length.progress(self.step)))

    def _validate(self, seconds: float | None, mine: Mine | None = None) -> None:
        start = time.monotonic()
        self.scorer.load_state_dict(self.average.weights)
        part = None if seconds is None or mine is None else MINE_SHARE * seconds
        score = self.job.validate(self.scorer.eval(), seconds if part is None else (seconds or 0.0) - part)
        if mine is not None:
            mine(self.scorer, part, self.step)
        self.validation_s = time.monotonic() - start
        self.seconds["validate"] += self.validation_s
        row: dict[str, float | str] = {
            "step": str(self.step),
            "seconds": self.state().spent_s,
            "phase": "validate",
            "validation_dice": score,
            "memory_gib": memory_gib(self.job.memory.peak_bytes),
        }
        self.job.watch.heard(row)
        if self.best_score is None or not score < self.best_score:
            self.best_score, self.best_step = score, self.step
            card = {**self.job.card, "state": self.state().model_dump(mode="json")}
            save_checkpoint(self.job.folder / "best", dict(self.average.weights), card)

    def _save(self) -> None:
        start = time.monotonic()
        card = {**self.job.card, "state": self.state().model_dump(mode="json")}
        save_state(self.job.folder / "last", self.raw_net, self.average, self.raw_optimizer, card)
        self.saved = time.monotonic()
        self.seconds["checkpoint"] += self.saved - start


def _clone_for_average(net: nn.Module) -> nn.Module:
    """The same network with weights of its own, for the moving average to be scored with."""
    import copy

    with torch.no_grad():
        return copy.deepcopy(net)
