"""The verb `bench`: where the time of loading goes, and what to change."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.config import Config, load_config
from delineate.core.memory import MemoryWatch
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder
from delineate.steps.fold import TrainJob
from delineate.steps.groundwork import begin_job
from delineate.steps.patchsource import PatchSource

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.patches.loader import Loader

PIECES = ("read", "decompress", "collate", "transfer", "augment", "step")
_BY_READERS = ("read", "decompress", "collate")
_PAGE_VALUES = 1024


@dataclass(frozen=True)
class BenchResult:
    """What was measured of a data set's plan on this machine.

    ``piece_ms`` is the time of each piece per patch, in one thread: ``read`` brings compressed bytes from the file,
    ``decompress`` turns them into numbers where the batch lies, ``collate`` is the memory of the batch, ``transfer``
    brings it to the device, ``augment`` varies it there, ``step`` is the network's. ``loading_per_s`` is patches per
    second of all but the step, by number of reading threads; ``step_per_s`` what the network can take.
    """

    patch: tuple[int, ...]
    batch: int
    device: str
    workers: int
    prepared_bytes: int
    first_batch_s: float
    piece_ms: dict[str, float]
    loading_per_s: dict[int, float]
    step_per_s: float
    bottleneck: str
    advice: str
    peak_bytes: int


@dataclass
class Stopwatch:
    """Seconds by piece."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PIECES, 0.0))

    @contextmanager
    def time(self, piece: str, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Add what is done within; ``wait`` lets a device finish."""
        begun = time.perf_counter()
        yield
        wait()
        self.seconds[piece] += time.perf_counter() - begun


def bench(
    data: Path,
    out: Path | None = None,
    config: Config | None = None,
    *,
    seconds: float = 5.0,
    progress: Progress = silent,
) -> BenchResult:
    """Prepare the data as `train` would and take patches for ``seconds`` in each way; nothing is trained.

    ``out`` is a run folder to prepare into or one that is prepared already; without it a temporary one is used.
    """
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="delineate-bench-"))) / "run"
        memory = stack.enter_context(MemoryWatch())
        job = begin_job(Path(data), RunFolder(Path(folder)), config or load_config(), memory, progress, resume=True)
        source = PatchSource(job, job.folds[0])
        begun = time.perf_counter()
        next(source.batches(0))
        first_batch_s = time.perf_counter() - begun
        pieces = time_pieces(source.loader, job.timer.device, seconds)
        step_s = job.timer(job.plan) / job.plan.stages[-1].batch
        ways = sorted({0, job.loader_workers})
        rates = {workers: loading_rate(source.loader, job.timer.device, workers, seconds) for workers in ways}
        return _told(job, {**pieces, "step": step_s}, rates, first_batch_s, memory.peak_bytes)


def time_pieces(loader: Loader, device: Any, seconds: float) -> dict[str, float]:
    """Seconds per patch of each piece but the step, one after the other on the same draws, for about ``seconds``.

    Reading twice tells file from decompression: what the first takes longer than the second, whose bytes are at hand.
    """
    from delineate.patches.augmentation import augment

    watch, patches, wait = Stopwatch(), 0, _waiter(device)
    end = time.perf_counter() + seconds
    for step in count():
        if step == 1:
            watch, patches = Stopwatch(), 0  # the first batch pays for what is done once
        draws, decisions = loader.decide(step)
        with watch.time("collate"):
            boxes = loader.boxes()
            for array in (boxes.image, boxes.label):
                array.reshape(-1)[::_PAGE_VALUES] = 0  # the system gives memory page by page, when it is touched
        first, again = (_seconds(lambda: loader.fill(boxes, draws)) for _ in range(2))  # noqa: B023 - called at once
        watch.seconds["read"] += max(0.0, first - again)
        watch.seconds["decompress"] += min(first, again)
        with watch.time("collate"):
            batch = loader.gather(boxes, draws, decisions)
        with watch.time("transfer", wait):
            batch = batch.to(device)
        with watch.time("augment", wait):
            augment(batch)
        patches += len(draws)
        if step > 1 and time.perf_counter() > end:
            break
    return {piece: spent / patches for piece, spent in watch.seconds.items()}


def loading_rate(loader: Loader, device: Any, workers: int, seconds: float) -> float:
    """Patches per second, read by ``workers`` threads and varied on the device."""
    from delineate.patches.augmentation import augment

    wait, patches = _waiter(device), 0
    stream = loader.batches(workers=workers)
    for _ in islice(stream, 5):
        pass
    begun = time.perf_counter()
    for batch in stream:
        augment(batch.to(device))
        patches += len(batch.draws)
        if time.perf_counter() - begun > seconds:
            break
    wait()
    return patches / (time.perf_counter() - begun)


def find_bottleneck(piece_s: dict[str, float], workers: int, loading_per_s: float) -> str:
    """The piece that decides how fast training is: the step where loading keeps ahead of it, else the slowest piece of
    loading; what threads read is shared among them."""
    if piece_s["step"] * loading_per_s >= 1:
        return "step"
    shared = {piece: s / (max(1, workers) if piece in _BY_READERS else 1) for piece, s in piece_s.items()}
    del shared["step"]
    return max(shared, key=lambda piece: shared[piece])


def advise(bottleneck: str, workers: int, prepared_bytes: int, ahead: float) -> str:
    """What to change."""
    from delineate.core.units import show_memory

    room = f"a larger --memory lets cases stay decompressed ({show_memory(prepared_bytes)} would hold all)"
    return {
        "read": f"keep the run folder on a local disk; {room}",
        "decompress": f"read with more threads: --set patches.workers={workers + 1}; {room}",
        "collate": "a smaller batch or patch needs less memory at a time: --set plan.batch=1",
        "transfer": "a smaller patch, or fewer channels: the way to the device is what takes time",
        "augment": "vary less (--set patches.strength=light), or use a GPU: what is varied is varied there",
        "step": f"nothing about loading, which is {ahead:.1f} times as fast as the network; a smaller network (--set "
        "plan.width=...) or a GPU makes steps shorter",
    }[bottleneck]


def _told(
    job: TrainJob, piece_s: dict[str, float], rates: dict[int, float], first_batch_s: float, peak_bytes: int
) -> BenchResult:
    stage, workers = job.plan.stages[-1], job.loader_workers
    bottleneck = find_bottleneck(piece_s, workers, rates[workers])
    return BenchResult(
        patch=stage.patch,
        batch=stage.batch,
        device=str(job.timer.device),
        workers=workers,
        prepared_bytes=job.store.size_bytes,
        first_batch_s=first_batch_s,
        piece_ms={piece: 1000 * piece_s[piece] for piece in PIECES},
        loading_per_s=rates,
        step_per_s=1 / piece_s["step"],
        bottleneck=bottleneck,
        advice=advise(bottleneck, workers, job.store.size_bytes, rates[workers] * piece_s["step"]),
        peak_bytes=peak_bytes,
    )


def _seconds(do: Callable[[], None]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _waiter(device: Any) -> Callable[[], None]:
    """Waits until a device has done what it was given."""
    import torch

    waits: dict[str, Callable[[], None]] = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}
    return waits.get(torch.device(device).type, lambda: None)
