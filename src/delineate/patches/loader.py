"""`Loader`: batches by step number, read ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

from delineate.core.errors import StoreError, WorkerError
from delineate.patches.augmentation import AugmentSettings, decide_augment
from delineate.patches.batch import Batch, Boxes, Decision
from delineate.patches.draw import Draw, PatchSource, box_of
from delineate.patches.planes import read_slab, turned
from delineate.patches.sampler import Sampler


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

    Threads suffice: they read straight into the batch's memory. ``workers`` = 0 reads in the caller's thread.
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
        self._shape = self._box if shape.slices == 1 else (shape.slices, *self._box[1:])
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
        workers: int | None = None,
    ) -> Iterator[Batch]:
        """The batches of steps ``first_step`` to ``last_step`` (not included; None for endless), in order.

        ``epoch_of`` tells the epoch of a step, part of the key of its draws. About ``depth`` batches are read ahead,
        by ``workers`` threads if not by the loader's own number.
        Augmentations are decided here and done by `augment`, on the device.

        Raises:
            WorkerError: a patch could not be read; it names the case.
        """
        steps = count(first_step) if last_step is None else range(first_step, last_step)
        threads = self._workers if workers is None else workers
        if threads == 0:
            yield from (self._make(step, epoch_of(step)) for step in steps)
            return
        pool = ThreadPoolExecutor(threads, thread_name_prefix="patch-loader")
        waiting: deque[Future[Batch]] = deque()
        try:
            for step in steps:
                waiting.append(pool.submit(self._make, step, epoch_of(step)))
                if len(waiting) > max(depth, threads):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def decide(self, step: int, epoch: int = 0) -> tuple[list[Draw], list[Decision]]:
        """Where the patches of a step are cut and how they are to be varied (empty without augmentation)."""
        indices = range(step * self._batch, (step + 1) * self._batch)
        draws = [self._sampler.sample(index, epoch) for index in indices]
        if self._augment is None:
            return draws, []
        return draws, [decide_augment(self._augment, self._seed, epoch, index) for index in indices]

    def boxes(self) -> Boxes:
        """Memory for a batch, to be filled."""
        first = self._sources[0]
        return Boxes.empty(self._batch, first.channels, self._shape, first.label_dtype)

    def fill(self, boxes: Boxes, draws: Sequence[Draw]) -> None:
        """Read the patches drawn.

        Raises:
            StoreError: a prepared file is damaged; it names the case.
            WorkerError: a patch could not be read; it names the case.
        """
        for draw, image, label in zip(draws, boxes.image, boxes.label, strict=True):
            source = self._sources[draw.axis]
            try:
                if self._slices > 1:
                    image[...], label[...] = read_slab(source, draw.case, draw.start, self._box, self._slices)
                else:
                    source.read_into(draw.case, draw.start, image, label)
            except (StoreError, MemoryError):
                raise
            except Exception as error:
                raise WorkerError(
                    f"case {draw.case} could not be read at {draw.start}: {type(error).__name__}: {error}",
                    f"a patch of {self._box} voxels",
                    "delete the prepared case and run again; if it comes back, run `delineate check`",
                ) from error

    def gather(self, boxes: Boxes, draws: Sequence[Draw], decisions: Sequence[Decision]) -> Batch:
        """Filled memory as a batch."""
        return boxes.as_batch(draws, self._dims, decisions)

    def _make(self, step: int, epoch: int) -> Batch:
        draws, decisions = self.decide(step, epoch)
        boxes = self.boxes()
        self.fill(boxes, draws)
        return self.gather(boxes, draws, decisions)
