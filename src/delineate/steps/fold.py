"""`TrainJob`: what the folds of a run share, and the training of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
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
from delineate.steps.patchsource import PatchSource
from delineate.steps.rescoring import score_kept
from delineate.steps.sitting import Sitting

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.dataset.case import Dataset
    from delineate.dataset.split import Split
    from delineate.patches.guide import Guide
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
            kept = score_kept(self.validators[fold], job.net, outcome, folder, self._time_s)
        save_scores(self.validators[fold].scores, folder)
        self.notes += [f"fold {fold}: {kept}"] if kept else []
        return outcome

    def _teller(self, log: LogWatch) -> Callable[[int], None]:
        """Tells at which step this sitting begins."""

        def tell(step: int) -> None:
            log.tell(f"training goes on from the checkpoint of step {step}" if step else "training begins at step 0")
            self.begun(step)

        return tell

    def _fit(self, fold: int, folder: Path, watch: Watch, step: int) -> Any:
        from delineate.losses.loss import build_loss
        from delineate.nets.net import NETS, auxiliaries_of
        from delineate.predict.model import make_card
        from delineate.train.clock import Deadline
        from delineate.train.device import choose_device, make_fabric
        from delineate.train.job import Fit
        from delineate.train.optim import at_rate_of
        from delineate.train.schedule import Length

        plan, stage, config = self.plan, self.plan.stages[-1], self.config
        seconds = self._seconds(fold)
        steps = self._steps(seconds)
        precision = self.timer.precision  # known once a step was timed
        fabric = make_fabric(choose_device(config.device), precision)
        fabric.launch()
        source, net = self._source(fold), self._net(fold)
        return Fit(
            fabric=fabric,
            net=net,
            loss=build_loss(plan.labels, config.train.loss, auxiliaries_of(net)).to(fabric.device),
            batches=source,
            validate=(validator := self._validator(fold, precision)),
            cases=validator.dice_by_case,
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

    def _steps(self, seconds: float | None) -> int:
        """As many as were asked for, else as fit the time."""
        step_s = self.timer(self.plan)
        train = self.config.train
        return train.steps or max(20, int((seconds or 3600.0) * (1 - train.validate_share) / step_s))

    def _source(self, fold: int) -> PatchSource:
        """The patches of a fold, tallied; what to tell of them is noted."""
        from delineate.patches.draw import box_of
        from delineate.steps.guidance import tell_slabs

        source = PatchSource(self, fold)
        self.tallies[fold] = source.tally
        depth = box_of(self.plan.stages[-1].patch)[0]
        note = tell_slabs(self.config.patches, self.store, self.split(fold).train, depth)
        self.notes += [note] if note and note not in self.notes else []
        return source

    def _net(self, fold: int) -> Any:
        """The fold's network with its first weights."""
        from delineate.nets.net import build_net
        from delineate.train.state import seed_everything

        plan, wanted = self.plan, self.plan.stages[-1].net
        seed_everything(self.config.seed + fold)  # after the timing, which draws weights too, and not in every run
        return build_net(wanted.name, plan.dims, plan.inputs, plan.labels.channels, wanted.options)

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

    @property
    def _time_s(self) -> float | None:
        return None if self.config.train.steps is not None else self.config.time_s

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

    return load_newest_card(folder / "last").state.step
