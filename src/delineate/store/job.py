"""`Job`: all that has to be prepared of one case, as a record that a worker process can be sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.labels import Labels
from delineate.core.record import Record
from delineate.dataset.case import Case
from delineate.dataset.read import read_case
from delineate.formats import read_info
from delineate.plan.plan import Plan, Stage
from delineate.store.box import refuse_cut_labels
from delineate.store.entry import Entry, write_entry
from delineate.store.foreground import sample_foreground
from delineate.store.scan import prepare_case, prepare_label, prepared_shape

_WORKSPACE_BYTES = 24 * 1024**2


class Target(Record):
    """One stage to prepare for and the folder it goes to."""

    stage: Stage
    folder: Path


class Job(Record):
    """A case, the decisions, and where to."""

    case: Case
    labels: Labels
    plan: Plan
    targets: tuple[Target, ...]


def run_job(job: Job) -> None:
    """Read the case once and write it for every target.

    Raises:
        DelineateError: the files cannot be used, or the disk is full.
    """
    volume, label = read_case(job.case, job.labels)
    for target in job.targets:
        ids = np.zeros(volume.geometry.shape, job.labels.dtype) if label is None else label.array_czyx[0]
        labelled = None if job.plan.crop == "none" else _labelled(ids, job.labels)
        image, trace = prepare_case(volume, job.plan, target.stage, labelled)
        if labelled is not None:
            refuse_cut_labels(job.case.name, labelled, trace, job.plan)
        ids = prepare_label(ids, trace)
        rows = sample_foreground(ids, job.labels.ignore_id)
        entry = Entry(case=job.case.name, channels=len(image), label_bytes=ids.itemsize, trace=trace)
        write_entry(target.folder, entry, image, ids, rows, _chunked_for(job.plan, target.stage))


def _labelled(ids_zyx: NDArray[Any], labels: Labels) -> NDArray[np.bool_]:
    marked: NDArray[np.bool_] = ids_zyx != 0
    if labels.ignore_id is not None:
        marked &= ids_zyx != labels.ignore_id
    return marked


def _chunked_for(plan: Plan, stage: Stage) -> tuple[int, ...]:
    """The patch that chunks should suit; cubes where slices are cut along every axis."""
    return stage.patch if len(plan.planes) == 1 else (min(stage.patch),) * 3


def job_bytes(job: Job) -> int:
    """The memory that preparing the case takes, from its headers alone (measured: within 15 %).

    Reading holds the float32 channels and beside them the channels as they are stored, then the mask as it is stored
    (twice while it is unpacked), and the ids; preparing the float32 channels, the mask and its labelled voxels, then
    per prepared voxel the image and, one after the other, a label's share with the ids or the half-precision copy with
    its compressed form.
    """
    infos = [read_info(path) for path in job.case.images]
    geometry, channels = infos[0].geometry, len(job.plan.normalisers)
    raw = int(np.prod(geometry.shape))
    id_bytes = job.labels.dtype.itemsize
    label = 0 if job.case.label is None else 2 * read_info(job.case.label).dtype.itemsize
    peak = raw * max(label, sum(info.channels * info.dtype.itemsize for info in infos))
    for target in job.targets:
        new = int(np.prod(prepared_shape(geometry, job.plan, target.stage)))
        peak = max(peak, new * (4 * channels + id_bytes + max(4, 4 * channels)))
    bias = 16 * raw if job.plan.n4 else 0  # the field, ITK's copy of the channel and what it computes with
    return _WORKSPACE_BYTES + raw * (4 * channels + 1 + id_bytes) + max(peak, bias)
