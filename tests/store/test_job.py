from __future__ import annotations

import tracemalloc

import blosc2
import nibabel
import numpy as np
import pytest

from delineate.core.labels import Labels
from delineate.dataset.read import read_case
from delineate.store import job as job_module
from delineate.store.entry import Entry
from delineate.store.job import Job, Target, job_bytes, run_job

SHAPE = (128, 128, 120)


@pytest.fixture
def job(words, written, tmp_path):
    plan = words.plan_of((1.0, 1.0, 1.0))
    target = Target(stage=plan.stages[0], folder=tmp_path / "p" / "key")
    return Job(case=written(1).cases[0], labels=plan.labels, plan=plan, targets=(target,))


def test_the_estimate_grows_with_the_case(job):
    voxels = 10 * 12 * 14
    assert job_bytes(job) == job_module._WORKSPACE_BYTES + voxels * (4 + 2) + voxels * (4 + 5)


def test_many_labels_take_two_bytes_each_before_and_after(job, tmp_path):
    voxels = 10 * 12 * 14
    many = job.model_copy(update={"labels": Labels.exclusive({n: f"part {n}" for n in range(1, 300)})})
    assert job_bytes(many) == job_bytes(job) + voxels * (1 + 1)
    run_job(many)
    entry, file = (many.targets[0].folder / name for name in ("case.json", "label.b2nd"))
    assert blosc2.open(str(file), mode="r").dtype == np.uint16
    assert Entry.load(entry).size_bytes == voxels * (2 + 2)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_reading_fits_the_estimate_whatever_the_mask_is_stored_as(job, tmp_path, dtype):
    ids = np.zeros(SHAPE)
    ids[10:30, 10:30, 10:30] = 1
    image, label = tmp_path / "image.nii.gz", tmp_path / "label.nii.gz"
    nibabel.save(nibabel.Nifti1Image(np.arange(ids.size).reshape(SHAPE).astype(np.int16), np.eye(4)), image)
    nibabel.save(nibabel.Nifti1Image(ids.astype(dtype), np.eye(4)), label)
    one = job.model_copy(update={"case": job.case.model_copy(update={"images": (image,), "label": label})})
    read_case(one.case, one.labels)  # the libraries are loaded
    tracemalloc.start()
    read_case(one.case, one.labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * (job_bytes(one) - job_module._WORKSPACE_BYTES)
