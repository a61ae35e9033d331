from __future__ import annotations

import json
import subprocess
import sys

import pytest

from delineate.store import workers
from delineate.store.job import Job, Target, job_bytes


@pytest.fixture
def job(words, written, tmp_path):
    plan = words.plan_of((1.0, 1.0, 1.0))
    target = Target(stage=plan.stages[0], folder=tmp_path / "p" / "key")
    return Job(case=written(1).cases[0], labels=plan.labels, plan=plan, targets=(target,))


def test_a_worker_answers_in_lines_whatever_else_is_printed(job):
    bad = job.model_copy(
        update={"case": job.case.model_copy(update={"images": (job.case.images[0].parent / "no.nii",)})}
    )
    command = [sys.executable, "-P", "-m", "delineate.store.workers"]
    lines = "".join(j.model_dump_json() + "\n" for j in (job, bad)) + "nonsense\n"
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    good, missing, bug = map(json.loads, done.stdout.splitlines())
    assert good is None and (job.targets[0].folder / "case.json").exists()
    assert missing[0].endswith("Error") and "no.nii" in missing[1]
    assert bug[0] == "bug" and "Traceback" in bug[1]


def test_a_bug_in_a_worker_is_a_bug_here(job, monkeypatch):
    real = Job.model_dump_json
    monkeypatch.setattr(Job, "model_dump_json", lambda self, **kw: real(self, **kw)[:-1])
    with pytest.raises(RuntimeError, match="preparing case case0 failed"):
        workers.run_jobs([job, job], 2)


def test_the_estimate_grows_with_the_case(job):
    voxels = 10 * 12 * 14
    assert voxels * 20 < job_bytes(job) < voxels * 60
