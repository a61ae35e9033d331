"""The verb `doctor`: why a network does not learn this data, asked before hours are spent on it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from delineate.config import Config, load_config
from delineate.core.memory import MemoryWatch
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder
from delineate.dataset.alignment import REACH, Alignment, align
from delineate.steps.fold import TrainJob
from delineate.steps.groundwork import begin_job
from delineate.steps.patchsource import PatchSource
from delineate.steps.symptoms import (
    Diagnosis,
    Finding,
    by_heart,
    kept_by_augmentation,
    not_empty,
    nothing_drawn,
    place_of_masks,
    same_windows,
    sense_of_loss,
)

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.patches.batch import Batch

_MOST_CASES, _MOST_SIDE = 12, 128
_BATCHES = 4
_TRIES = 30


def doctor(
    data: Path,
    out: Path | None = None,
    config: Config | None = None,
    *,
    steps: int = 100,
    seconds: float = 120.0,
    progress: Progress = silent,
) -> Diagnosis:
    """Check and prepare the data as `train` would, then ask what commonly keeps a network from learning.

    One batch is learnt by heart in at most ``steps`` or ``seconds``. ``out`` is a run folder to prepare into or one
    that is prepared already; without it a temporary one is used.

    Raises:
        CheckError: the data set has errors; all are told.
    """
    with ExitStack() as stack:
        folder = out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="delineate-doctor-"))) / "run"
        memory = stack.enter_context(MemoryWatch())
        job = begin_job(Path(data), RunFolder(Path(folder)), config or load_config(), memory, progress, resume=True)
        plain, varied = (_source(job, augment) for augment in (False, True))
        asked: list[Callable[[], Finding]] = [lambda: place_of_masks(_alignments(job))]
        if job.plan.slices == 1:  # a slab repeats slices at the ends of a scan, by design
            asked.append(lambda: same_windows(_largest_difference(job, plain)))
        if job.config.patches.augment:
            asked.append(lambda: kept_by_augmentation(*_seen(job, plain), *_seen(job, varied)))
        findings = []
        for number, ask in enumerate(asked, 1):
            progress("doctor", number, len(asked) + 1)
            findings.append(ask())
        batch = _labelled_batch(job, plain)
        losses: list[float] = []
        if batch is None:
            findings.append(nothing_drawn(_TRIES))
        else:
            dice, marked, losses = _learn(job, batch, steps, seconds)
            findings += [sense_of_loss(_answers(job, batch)), by_heart(dice, losses), not_empty(marked, losses)]
        progress("doctor", len(asked) + 1, len(asked) + 1)
        return Diagnosis(findings=tuple(findings), losses=tuple(losses))


def _source(job: TrainJob, augment: bool) -> PatchSource:
    patches = job.config.patches.model_copy(update={"augment": augment, "workers": 0})
    other = TrainJob(
        job.run, job.config.model_copy(update={"patches": patches}), job.dataset, job.plan, job.store, job.timer,
        job.sitting, None, job.folds,
    )  # fmt: skip
    return PatchSource(other, job.folds[0])


def _alignments(job: TrainJob) -> list[Alignment]:
    """Of the first cases, in a box around what is labelled."""
    import numpy as np

    found = []
    for name in job.store.names[:_MOST_CASES]:
        places = [p for i, p in job.store.foreground(name).items() if i not in (0, job.plan.labels.ignore_id)]
        if not sum(map(len, places)):
            continue
        every = np.concatenate(places)
        low, high = every.min(0) - 2, every.max(0) + 3
        middle, size = (low + high) // 2, np.minimum(high - low, _MOST_SIDE)
        low = middle - size // 2 - REACH
        (z, y, x), (d, h, w) = low.tolist(), (size + 2 * REACH).tolist()
        image, ids = job.store.read_box(name, (z, y, x), (d, h, w))
        inner = ids[REACH:-REACH, REACH:-REACH, REACH:-REACH]
        labelled = np.asarray(job.plan.labels.masks(inner).any(axis=0))
        if (one := align(name, image[0], labelled)) is not None:
            found.append(one)
    return found


def _largest_difference(job: TrainJob, source: PatchSource) -> float:
    """Between patches as they are drawn and the same voxels of whole prepared cases, where both have them."""
    import numpy as np

    from delineate.patches.planes import ORDERS

    draws, _ = source.loader.decide(0)
    boxes = source.loader.boxes()
    source.loader.fill(boxes, draws)
    worst = 0.0
    for draw, patch in zip(draws, boxes.image, strict=True):
        whole = job.store.whole(draw.case)[0].transpose((0, *(1 + a for a in ORDERS[draw.axis])))
        low = [max(0, s) for s in draw.start]
        high = [min(n, s + m) for n, s, m in zip(whole.shape[1:], draw.start, patch.shape[1:], strict=True)]
        theirs = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        mine = tuple(slice(a - s, b - s) for a, b, s in zip(low, high, draw.start, strict=True))
        gap = np.abs(whole[(slice(None), *theirs)] - patch[(slice(None), *mine)])
        worst = max(worst, float(gap.max(initial=0.0)))
    return worst


def _seen(job: TrainJob, source: PatchSource) -> tuple[float, float, float]:
    """Over a few batches: the share of labelled voxels, mean and standard deviation of the first channel."""
    import torch

    stream = source.batches(0)
    batches = [next(stream) for _ in range(_BATCHES)]
    labels = torch.cat([b.label_bx.flatten() for b in batches])
    labelled = (labels > 0) & (labels != (job.plan.labels.ignore_id or -1))
    values = torch.cat([b.image_bcx[:, 0].flatten() for b in batches]).float()
    return float(labelled.float().mean()), float(values.mean()), float(values.std())


def _labelled_batch(job: TrainJob, source: PatchSource) -> Batch | None:
    """The first batch with something to find."""
    stream = source.batches(0)
    for _ in range(_TRIES):
        batch: Batch = next(stream)
        if job.plan.labels.masks(batch.label_bx.cpu().numpy()).any():
            return batch
    return None


def _answers(job: TrainJob, batch: Batch) -> dict[str, float]:
    from delineate.losses.loss import build_loss
    from delineate.train.overfit import loss_of_answers

    labels = job.plan.labels
    return loss_of_answers(build_loss(labels, job.config.train.loss).to(batch.label_bx.device), labels, batch.label_bx)


def _learn(job: TrainJob, batch: Batch, steps: int, seconds: float) -> tuple[float, bool, list[float]]:
    """Mean Dice over the classes in the batch, whether anything is marked, and the losses."""
    import torch

    from delineate.losses.loss import build_loss
    from delineate.nets.net import NETS, auxiliaries_of, build_net
    from delineate.train.optim import at_rate_of
    from delineate.train.overfit import overfit
    from delineate.train.state import seed_everything

    plan, stage, device = job.plan, job.plan.stages[-1], job.timer.device
    seed_everything(job.config.seed)
    net = build_net(stage.net.name, plan.dims, plan.inputs, plan.labels.channels, stage.net.options).to(device)
    loss = build_loss(plan.labels, job.config.train.loss, auxiliaries_of(net)).to(device)
    losses = overfit(net, loss, batch, at_rate_of(NETS[stage.net.name].card, job.config.train), steps, seconds)
    with torch.no_grad():
        logits = net.eval()(batch.image_bcx)
    true = plan.labels.masks(batch.label_bx.cpu().numpy())
    found = _masks(logits, plan.labels)
    counted = batch.label_bx.cpu().numpy() != (-1 if plan.labels.ignore_id is None else plan.labels.ignore_id)
    dice = [2 * (t & f).sum() / (t.sum() + (f & counted).sum()) for t, f in zip(true, found, strict=True) if t.any()]
    return float(sum(dice) / len(dice)), bool(found.any()), losses


def _masks(logits: Any, labels: Any) -> Any:
    """``[class, b, *size]`` from logits."""
    if labels.regions:
        return (logits > 0).transpose(0, 1).cpu().numpy()
    return labels.masks(logits.argmax(dim=1).cpu().numpy())
