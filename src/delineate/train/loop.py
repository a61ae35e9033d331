"""`Loop`: the training loop. Steps are the unit; the deadline, where there is one, only decides how many."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator

import torch
from torch import nn

from delineate.core.errors import CollapsedError, DivergedError
from delineate.core.memory import release_freed_memory
from delineate.nets.checkpoint import save_checkpoint
from delineate.train.choice import Choice
from delineate.train.gradient import Gradient
from delineate.train.job import Fit, Mine, TrainBatch, Verdict
from delineate.train.optim import MovingAverage, base_rate, build_optimizer
from delineate.train.pauses import Pauses
from delineate.train.schedule import learning_rate
from delineate.train.state import RunState, load_state, save_state
from delineate.train.watch import memory_gib

_MINE_SHARE = 0.25
"""Of the time of a validation."""
_EPOCH_SHARE = 0.06
"""Of a run's time: where a machine suddenly slows, an epoch ends early so that the length is corrected."""


class Loop:
    """A run in motion: what changes from step to step."""

    def __init__(self, job: Fit, resume: bool) -> None:
        self.job = job
        optimizer = build_optimizer(job.net, job.config)
        self.average = MovingAverage(job.net.to(job.fabric.device), job.config.ema)
        self.step, self.length = 0, job.length
        self.choice, self.spent_s = Choice(), job.spent_s
        if resume:
            self._restore(load_state(job.folder / "last", job.net, self.average, optimizer))
        self.raw_net, self.raw_optimizer = job.net, optimizer
        self.net, self.optimizer = job.fabric.setup(job.net, optimizer)
        self.gradient = Gradient(self.net, job.loss, job.fabric.backward)
        self.scorer = _clone_for_average(job.net)
        self.pauses = Pauses(job.validations, job.config.validate_share, job.deadline)
        self.losses: list[float] = []  # since the last validation
        self.seconds = {"step": 0.0, "wait": 0.0, "validate": 0.0, "checkpoint": 0.0}
        self.started = self.saved = time.monotonic()

    def _restore(self, state: RunState) -> None:
        self.step, self.length = state.step, state.length
        self.choice = state.choice()

    def state(self) -> RunState:
        return RunState(
            step=self.step,
            length=self.length,
            spent_s=self._used_s(),
            best_score=self.choice.score,
            best_step=self.choice.step,
            top_score=self.choice.top,
            top_cases=self.choice.top_cases,
        )

    def _used_s(self) -> float:
        """Seconds since the command was given, earlier sittings included."""
        return self.spent_s + time.monotonic() - self.started

    def run(self, asked: Callable[[], bool]) -> bool:
        """Epochs until the schedule is done; False when a signal ended it."""
        self.job.begun(self.step)
        stream = iter(self.job.batches.batches(self.step))
        self.net.train()
        settled = False  # whether the memory of a step lies where steps alone have put it
        while self.step < self.length.total:
            if not self._epoch(stream, asked):
                self._save()
                return False
            if not settled:
                release_freed_memory()  # a validation's pieces lay between those of the first steps after it
            progress, before = self.length.progress(self.step), self.length.progress(self._epoch_before())
            settled = not self.pauses.due(progress, before, self._used_s())
            if not settled:
                self._stop_for(self._validate(self.pauses.each_s(self._used_s()), mine=self.job.mine))
            if self.job.deadline is not None:
                ahead_s = self.pauses.ahead_s(progress, self._used_s())
                self.length = self.job.deadline.correct(self.length, self.step, ahead_s)
        self._validate(self.pauses.final_s(self._used_s()))
        self._save()
        return True

    def _epoch(self, stream: Iterator[TrainBatch], asked: Callable[[], bool]) -> bool:
        """Steps to the next multiple of the epoch's length, or as many as its time holds; tells the watch. False when
        asked to stop."""
        size = self._epoch_steps()
        end = min((self.step // size + 1) * size, self.length.total)
        begun, first, losses = time.monotonic(), self.step, []
        limit_s = math.inf if self.job.deadline is None else _EPOCH_SHARE * self.job.deadline.whole_s(self._used_s())
        while self.step < end and (self.step == first or time.monotonic() - begun < limit_s):
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

    def _epoch_before(self) -> int:
        return max(self.step - self._epoch_steps(), 0)

    def _one_step(self, stream: Iterator[TrainBatch]) -> float:
        config = self.job.config
        rate = learning_rate(self.length.progress(self.step), base_rate(config), config.schedule, config.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        start = time.monotonic()
        batches = [next(stream) for _ in range(config.accumulate)]
        self.seconds["wait"] += time.monotonic() - start
        total = self.gradient.of(batches)
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
        self.losses.append(total)
        return total

    def _tell(self, begun: float, first: int, losses: list[float], moved_only: bool) -> None:
        seconds = max(time.monotonic() - begun, 1e-9)
        config = self.job.config
        progress = self.length.progress(self.step)
        row: dict[str, float | str] = {
            "step": str(self.step),
            "seconds": self._used_s(),
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

    def _stop_for(self, verdict: Verdict | None) -> None:
        """
        Raises:
            CollapsedError: the verdict is to stop; a checkpoint is kept before.
        """
        if verdict is None or not verdict.stop:
            return
        self._save()
        raise CollapsedError(
            f"{verdict.told}, at step {self.step}, and the loss no longer falls",
            "a network that marks something",
            "look at the run's report.html and at the masks (delineate check DATA); then train anew with --set "
            "patches.sampler=balanced or a lower --set train.learning_rate=..., or go on all the same with --resume",
        )

    def _validate(self, seconds: float | None, mine: Mine | None = None) -> Verdict | None:
        start = time.monotonic()
        release_freed_memory()
        self.scorer.load_state_dict(self.average.weights)
        part = None if seconds is None or mine is None else _MINE_SHARE * seconds
        score = self.job.validate(self.scorer.eval(), seconds if part is None else (seconds or 0.0) - part)
        cases = self.job.cases()
        if mine is not None:
            mine(self.scorer, part, self.step)
        verdict = self.job.judge(self.step, self.length.progress(self.step), self._loss_lately())
        release_freed_memory()
        self.pauses.took(time.monotonic() - start)
        self.seconds["validate"] += time.monotonic() - start
        row: dict[str, float | str] = {
            "step": str(self.step),
            "seconds": self._used_s(),
            "phase": "validate",
            "validation_dice": score,
            "memory_gib": memory_gib(self.job.memory.peak_bytes),
        }
        if verdict is not None:
            row["note"] = verdict.told
        self.job.watch.heard(row)
        if self.choice.takes(score, self.step, cases):
            card = {**self.job.card, "state": self.state().model_dump(mode="json")}
            save_checkpoint(self.job.folder / "best", dict(self.average.weights), card)
        return verdict

    def _loss_lately(self) -> float:
        """The mean since the last time this was asked for; not a number where there were no steps."""
        lately = sum(self.losses) / len(self.losses) if self.losses else math.nan
        self.losses.clear()
        return lately

    def _save(self) -> None:
        start = time.monotonic()
        card = {**self.job.card, "state": self.state().model_dump(mode="json")}
        save_state(self.job.folder / "last", self.raw_net, self.average, self.raw_optimizer, card)
        self.saved = time.monotonic()
        self.seconds["checkpoint"] += self.saved - start


def _clone_for_average(net: nn.Module) -> nn.Module:
    """The same network with weights of its own, for the moving average to be scored with."""
    with torch.no_grad():
        return copy.deepcopy(net)
