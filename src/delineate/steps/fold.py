"""`TrainJob`: what the folds of a run share, and the training of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import delineate
from delineate.config import Config
from delineate.core.labels import Labels
from delineate.core.run import RunFolder
from delineate.steps.certainty import Certainty
from delineate.steps.collapse import CollapseGuard
from delineate.steps.distances import time_for_distances_s
from delineate.steps.gathering import save_scores
from delineate.steps.glimpses import Glimpses
from delineate.steps.sitting import Sitting

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.split import Split
    from delineate.patches.guide import Guide
    from delineate.patches.sampler import Sampler
    from delineate.patches.tally import Tally
    from delineate.plan.plan import Plan
    from delineate.predict.validate import Validator
    from delineate.store.chunks import Store
    from delineate.train.fit import Outcome
    from delineate.train.job import Judge, Verdict
    from delineate.train.speed import StepTimer
    from delineate.train.watch import LogWatch, Watch


REPORT_SHARE = 0.01
_REPORT_S = 2.0
"""Of a run's time, kept for pictures and the report."""


@dataclass
class TrainJob:
    """Everything the folds of a run share."""

    run: RunFolder
    config: Config
    dataset: Dataset
    plan: Plan
    store: Store
    timer: StepTimer
    sitting: Sitting
    watch: Watch | None
    folds: tuple[int, ...]
    applied: Counter[str] = field(default_factory=Counter)
    patches: int = 0
    validators: dict[int, Validator] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    begun: Callable[[int], None] = lambda step: None

    def train_fold(self, fold: int, resume: bool) -> Outcome:
        """Fit one fold and write its scores."""
        from delineate.patches.tally import tell_shares
        from delineate.train.fit import fit
        from delineate.train.watch import CsvWatch, LogWatch, TensorBoardWatch, Watches

        folder = self.run.fold(fold)
        folder.mkdir(parents=True, exist_ok=True)
        going_on = resume and (folder / "last.json").exists()
        step = _last_step(folder) if going_on else 0
        with ExitStack() as stack:
            files = (
                CsvWatch(folder / "metrics.csv", step),
                TensorBoardWatch(folder / "tensorboard", step),
                LogWatch(self.run.log),
            )
            for each in files:
                stack.callback(each.close)
            stack.enter_context(self.sitting.phase("train"))
            watches = Watches(*files, *([self.watch] if self.watch else []))
            job = self._fit(fold, folder, watches, step)
            job.begun = self._teller(files[-1])
            outcome = fit(job, resume=going_on)
            files[-1].tell(tell_shares(self.tallies[fold].shares(self.plan.labels)))
        save_scores(self.validators[fold].scores, folder)
        return outcome

    def _teller(self, log: LogWatch) -> Callable[[int], None]:
        """Tells at which step this sitting begins."""

        def tell(step: int) -> None:
            log.tell(f"training goes on from the checkpoint of step {step}" if step else "training begins at step 0")
            self.begun(step)

        return tell

    def _fit(self, fold: int, folder: Path, watch: Watch, step: int) -> Any:
        from delineate.losses.loss import build_loss
        from delineate.nets.net import NETS, auxiliaries_of, build_net
        from delineate.patches.draw import box_of
        from delineate.predict.model import make_card
        from delineate.steps.guidance import tell_slabs
        from delineate.train.clock import Deadline
        from delineate.train.device import choose_device, make_fabric
        from delineate.train.job import Fit
        from delineate.train.optim import at_rate_of
        from delineate.train.schedule import Length
        from delineate.train.state import seed_everything

        plan, stage, config = self.plan, self.plan.stages[-1], self.config
        seconds = self._seconds(fold)
        step_s = self.timer(plan)
        steps = config.train.steps or max(20, int((seconds or 3600.0) * (1 - config.train.validate_share) / step_s))
        precision = self.timer.precision
        fabric = make_fabric(choose_device(config.device), precision)
        fabric.launch()
        source = PatchSource(self, fold)
        self.tallies[fold] = source.tally
        note = tell_slabs(config.patches, self.store, self.split(fold).train, box_of(stage.patch)[0])
        self.notes += [note] if note and note not in self.notes else []
        seed_everything(config.seed + fold)  # after the timing, which draws weights too, and not in every run
        net = build_net(stage.net.name, plan.dims, plan.inputs, plan.labels.channels, stage.net.options)
        return Fit(
            fabric=fabric,
            net=net,
            loss=build_loss(plan.labels, config.train.loss, auxiliaries_of(net)).to(fabric.device),
            batches=source,
            validate=(validator := self._validator(fold, precision)),
            judge=self._judge(validator, Glimpses(self.store, validator.names, plan.labels, folder / "glimpses"), step),
            mine=self._miner(fold, precision, source.guide, step),
            config=at_rate_of(NETS[stage.net.name].card, config.train),
            folder=folder,
            card=make_card(plan, stage, fold, precision, config, delineate.__version__),
            length=Length.of(steps),
            watch=watch,
            memory=self.sitting.memory,
            deadline=None if seconds is None else Deadline.after(seconds),
            spent_s=self.sitting.spent_s(),
        )

    def _seconds(self, fold: int) -> float | None:
        """What this fold may use: an equal share of what is left."""
        left = self.sitting.left_s(self.config)
        if left is None:
            return None
        assert self.config.time_s is not None
        still = len(self.folds) - self.folds.index(fold)
        kept = REPORT_SHARE * self.config.time_s + _REPORT_S + self._measuring_s(self.config.time_s)
        return max(left - kept, 1.0) / still

    def _measuring_s(self, time_s: float) -> float:
        """Kept for the distances between surfaces in the validation cases of all folds."""
        names = [name for fold in self.folds for name in self.split(fold).validation]
        return time_for_distances_s([self.store.trace(name).original.shape for name in names], time_s)

    def split(self, fold: int) -> Split:
        """Who trains and who validates."""
        from delineate.dataset.split import Splits

        return Splits.load(self.run.splits).folds[fold]

    def _validator(self, fold: int, precision: str) -> Validator:
        import numpy as np

        from delineate.predict.validate import Validator

        names = list(self.split(fold).validation)
        np.random.default_rng(self.config.seed).shuffle(names)
        validator = Validator(
            self.store, names, self.plan, self.plan.stages[-1], _truth_reader(self.dataset, self.plan.labels),
            str(self.timer.device), precision, self.config.predict.overlap, probabilities=Certainty(self.plan.labels),
        )  # fmt: skip
        self.validators[fold] = validator
        return validator

    def _judge(self, validator: Validator, glimpses: Glimpses, step: int) -> Judge:
        """After each validation: keeps a picture of it, and sees whether the network has collapsed."""
        guard = CollapseGuard(validator, self.config.train.on_collapse)
        glimpses.forget_after(step)
        validator.look = glimpses

        def judge(step: int, progress: float, loss: float) -> Verdict | None:
            glimpses.keep(step)
            return guard(progress, loss)

        return judge

    def _miner(self, fold: int, precision: str, guide: Guide, step: int) -> Any:
        """Looks for mistakes where the sampler asks for them, else None. ``step`` is where training goes on."""
        import numpy as np

        from delineate.patches.mistakes import Mistakes
        from delineate.steps.guidance import Miner, lead

        if not isinstance(guide.mistakes, Mistakes):
            return None
        ahead, batch, each = lead(self.loader_workers), self.plan.stages[-1].batch, self.config.train.accumulate
        guide.mistakes.forget_from((step * each + ahead) * batch + 1)
        names = list(self.split(fold).train)
        np.random.default_rng([self.config.seed, fold]).shuffle(names)
        return Miner(
            self.store, names, self.plan, self.plan.stages[-1], guide.mistakes, str(self.timer.device), precision,
            self.config.predict.overlap, lambda step: (step * each + ahead) * batch,
        )  # fmt: skip

    @property
    def loader_workers(self) -> int:
        """Threads that read patches."""
        return 1 if self.config.patches.workers is None else self.config.patches.workers


class PatchSource:
    """Batches of a fold on the device, varied; counts what was drawn and what was applied."""

    def __init__(self, job: TrainJob, fold: int) -> None:
        from delineate.patches.augmentation import AugmentSettings
        from delineate.patches.draw import box_of
        from delineate.patches.loader import BatchShape, Loader
        from delineate.patches.planes import PlaneSampler, plane_seed, turned, turned_guide
        from delineate.patches.sampler import SAMPLERS
        from delineate.patches.tally import Tally
        from delineate.steps.guidance import make_guide

        plan, stage, knobs = job.plan, job.plan.stages[-1], job.config.patches
        seed = job.config.seed + fold
        names, box = job.split(fold).train, box_of(stage.patch)
        self.guide, self.tally = make_guide(knobs, plan.labels, job.store, names, job.run.fold(fold)), Tally()

        def sampler_along(axis: int) -> Sampler:
            guide = turned_guide(self.guide, axis, len(plan.planes))
            return SAMPLERS[knobs.sampler](turned(job.store, axis), names, box, knobs, plane_seed(seed, axis), guide)

        self._sampler = PlaneSampler({axis: sampler_along(axis) for axis in plan.planes})
        settings = AugmentSettings.from_plan(knobs, plan, stage) if knobs.augment else None
        self.loader = Loader(
            job.store,
            self._sampler,
            BatchShape(stage.patch, stage.batch, plan.slices),
            job.loader_workers,
            settings,
            seed,
        )
        self._job, self._device = job, job.timer.device

    def batches(self, first_step: int) -> Iterator[Any]:
        """From ``first_step`` on, without end."""
        from delineate.patches.augmentation import augment, count_applied
        from delineate.patches.batch import slices_as_channels

        first = first_step * self._job.config.train.accumulate  # a step takes several batches then
        for batch in self.loader.batches(first):
            self._job.applied.update(count_applied(batch.decisions))
            self._job.patches += len(batch.draws)
            self.tally.add(batch.draws, self._sampler.asked)
            varied = augment(batch.to(self._device))
            yield varied if self._job.plan.slices == 1 else slices_as_channels(varied)


def _truth_reader(dataset: Dataset, labels: Labels) -> Callable[[str], Any]:
    from delineate.formats import read_label

    paths = {c.name: c.label for c in dataset.labelled}

    def read(name: str) -> Any:
        path = paths[name]
        assert path is not None
        return labels.encode(read_label(path).array_czyx[0])

    return read


def _last_step(folder: Path) -> int:
    from delineate.train.state import load_newest_card

    return int(load_newest_card(folder / "last")["state"]["step"])
