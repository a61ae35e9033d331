"""`Loader`: batches by step number, read ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import WorkerError
from delineate.patches.augmentation import AugmentSettings, decide_augment
from delineate.patches.batch import Batch, Decision, collate
from delineate.patches.draw import Draw, PatchSource, box_of
from delineate.patches.planes import read_slab, turned
from delineate.patches.sampler import Sampler

Sample = tuple[Draw, tuple[NDArray[np.float32], NDArray[Any]], Decision | None]


@dataclass(frozen=True)
class BatchShape:
    """``batch`` patches of two or three numbers, which decide the dimensions of a batch.

    With ``slices`` above 1 a 2D patch is read as a slab around its slice, the volume's end slices going on beyond it;
    batches are slabs then (see `slices_as_channels`).
    """

    patch: Sequence[int]
    batch: int
    slices: int = 1


class Loader:
    """Batches of a run: step s holds samples ``s * batch`` to ``s * batch + batch - 1``, whatever the workers.

    Threads suffice: decompression releases the interpreter's lock. ``workers`` = 0 reads in the caller's thread.
    """

    def __init__(
        self,
        source: PatchSource,
        sampler: Sampler,
        shape: BatchShape,
        workers: int = 0,
        augment: AugmentSettings | None = None,
        seed: int = 0,
    ) -> None:
        self._sources = [turned(source, axis) for axis in range(3)]
        self._sampler = sampler
        self._box = box_of(shape.patch)
        self._dims = len(shape.patch) if shape.slices == 1 else 3
        self._slices = shape.slices
        self._batch = shape.batch
        self._workers = workers
        self._augment = augment
        self._seed = seed

    def batches(
        self,
        first_step: int = 0,
        last_step: int | None = None,
        epoch_of: Callable[[int], int] = lambda step: 0,
        depth: int = 4,
    ) -> Iterator[Batch]:
        """The batches of steps ``first_step`` to ``last_step`` (not included; None for endless), in order.

        ``epoch_of`` tells the epoch of a step, part of the key of its draws. About ``depth`` batches are read ahead.
        Augmentations are decided here and done by `augment`, on the device.

        Raises:
            WorkerError: a patch could not be read; it names the case.
        """
        steps = count(first_step) if last_step is None else range(first_step, last_step)
        if self._workers == 0:
            yield from (self._make(step, epoch_of(step)) for step in steps)
            return
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="patch-loader")
        waiting: deque[Future[Batch]] = deque()
        try:
            for step in steps:
                waiting.append(pool.submit(self._make, step, epoch_of(step)))
                if len(waiting) > max(depth, self._workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _make(self, step: int, epoch: int) -> Batch:
        samples = [self._load(index, epoch) for index in range(step * self._batch, (step + 1) * self._batch)]
        draws, patches, decisions = zip(*samples, strict=True)
        return collate(patches, draws, self._dims, [d for d in decisions if d is not None])

    def _load(self, index: int, epoch: int) -> Sample:
        draw = self._sampler.sample(index, epoch)
        try:
            source = self._sources[draw.axis]
            if self._slices > 1:
                patch = read_slab(source, draw.case, draw.start, self._box, self._slices)
            else:
                patch = source.read_box(draw.case, draw.start, self._box)
        except Exception as error:
            raise WorkerError(
                f"case {draw.case} could not be read at {draw.start}: {type(error).__name__}: {error}",
                f"a patch of {self._box} voxels",
                "delete the prepared case and run again; if it comes back, run `delineate check`",
            ) from error
        decision = None if self._augment is None else decide_augment(self._augment, self._seed, epoch, index)
        return draw, patch, decision
