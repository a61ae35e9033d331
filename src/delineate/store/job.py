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
        entry = Entry(case=job.case.name, channels=len(image), trace=trace)
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
    """An upper estimate of the memory that preparing the case takes, from its headers alone.

    Raw channels (as read and as float32), the prepared image, three floats per voxel of the larger grid while
    one channel is resampled, and the half-precision copy with its compressed form.
    """
    geometry = read_info(job.case.images[0]).geometry
    raw = int(np.prod(geometry.shape))
    channels = len(job.plan.normalisers)
    peak = 0
    for target in job.targets:
        new = int(np.prod(prepared_shape(geometry, job.plan, target.stage)))
        resampling, writing = 12 * max(raw, new), 4 * channels * new + 8 * new
        peak = max(peak, 4 * channels * new + max(resampling, writing))
    bias = 16 * raw if job.plan.n4 else 0  # the field, ITK's copy of the channel and what it computes with
    return raw * (8 * channels + 2) + max(peak, bias)
