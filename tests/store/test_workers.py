from __future__ import annotations

import json
import subprocess
import sys

import pytest

from delineate.core.errors import DelineateError, WorkerError
from delineate.store import workers
from delineate.store.job import Job, Target


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


def test_memory_that_runs_out_in_a_worker_is_no_bug(job, monkeypatch):
    def job_without_memory(job):
        raise MemoryError("Unable to allocate 9.00 GiB")

    monkeypatch.setattr(workers, "run_job", job_without_memory)
    kind, what, _, fix = workers._answer(job.model_dump_json())
    assert kind == "BudgetError" and "Unable to allocate 9.00 GiB" in what and "--memory" in fix


def test_a_bug_in_a_worker_is_a_bug_here(job, monkeypatch):
    real = Job.model_dump_json
    monkeypatch.setattr(Job, "model_dump_json", lambda self, **kw: real(self, **kw)[:-1])
    with pytest.raises(RuntimeError, match="preparing case case0 failed"):
        workers.run_jobs([job, job], 2)


@pytest.mark.parametrize(
    ("answer", "kind", "told"),
    [('["ErrorOfAPlugIn", "what came", "else", "do"]', DelineateError, "what came"), ("[1", ValueError, "delimiter")],
    ids=["unknown", "garbled"],
)
def test_whatever_a_worker_answers_nobody_waits_for_ever(job, monkeypatch, answer, kind, told):
    code = f"import sys; sys.stdin.readline(); print({answer!r}, flush=True); sys.stdin.readline()"

    def odd():
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    monkeypatch.setattr(workers, "_start", odd)
    with pytest.raises(kind, match=told):
        workers.run_jobs([job, job], 2)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", r"case0 was killed for memory \(SIGKILL\)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"case0 crashed \(SIGSEGV\)"),
        ("os._exit(7)", r"case0 ended by itself \(exit status 7\)"),
        (  # a process of its own keeps the pipe open
            "subprocess.Popen(['sleep', '20']); os._exit(3)",
            r"case0 ended by itself \(exit status 3\)",
        ),
        ("print('[nul', end='', flush=True); os._exit(4)", r"case0 ended by itself \(exit status 4\)"),
    ],
    ids=["killed", "crashed", "ended", "hanging", "half"],
)
def test_a_dead_worker_is_told_by_case_and_cause(job, monkeypatch, end, told):
    code = f"import os, signal, subprocess, sys; sys.stdin.readline(); {end}"

    def doomed():
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    monkeypatch.setattr(workers, "_start", doomed)
    monkeypatch.setattr(workers, "_LAST_WORDS_S", 0.3)
    with pytest.raises(WorkerError, match=told):
        workers.run_jobs([job, job], 2)


def test_all_waits_for_a_dead_worker_are_less_than_ten_seconds():
    assert workers._LOOK_S + 2 * workers._LAST_WORDS_S < 10


def test_without_workers_jobs_are_run_here(job, monkeypatch):
    monkeypatch.setattr(workers, "_start", None)
    workers.run_jobs([job], 0)
    assert (job.targets[0].folder / "case.json").exists()
