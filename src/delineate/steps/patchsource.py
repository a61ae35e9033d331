"""`PatchSource`: the batches that a fold is trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.patches.sampler import Sampler
    from delineate.steps.fold import TrainJob


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
