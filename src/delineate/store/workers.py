"""Worker processes that prepare cases; each is sent one job at a time as a line of JSON and answers with another.

They are started as ``python -m delineate.store.workers`` instead of being forked or spawned by `multiprocessing`: the
caller may hold threads, needs no ``if __name__ == "__main__"``, nothing is pickled, and a process that dies is known
together with the case it was working on.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from delineate.core import errors
from delineate.core.errors import DelineateError, WorkerError
from delineate.store.job import Job, run_job

Progress = Callable[[int, int], None]
_SINGLE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_jobs(jobs: Sequence[Job], workers: int, progress: Progress | None = None) -> None:
    """Run all jobs, here if ``workers`` is 0 or 1, else in that many processes. What was finished stays on an error.

    Raises:
        WorkerError: a process died (killed by the system for want of memory, most often); it names the case.
        DelineateError: whatever a job raised.
    """
    tell = progress or (lambda done, total: None)
    if workers <= 1:
        for done, job in enumerate(jobs, 1):
            run_job(job)
            tell(done, len(jobs))
        return
    team = Team(jobs, workers)
    try:
        for done in range(1, len(jobs) + 1):
            problem = team.answers.get()
            if problem is not None:
                raise problem
            tell(done, len(jobs))
    finally:
        team.stop()


class Team:
    """One thread per process: it hands out jobs and puts None or an exception into ``answers`` for each."""

    def __init__(self, jobs: Sequence[Job], workers: int) -> None:
        self.answers: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._jobs.put(job)
        self.processes = [_start() for _ in range(min(workers, len(jobs)))]
        self._threads = [threading.Thread(target=self._serve, args=(p,), daemon=True) for p in self.processes]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End every process, whatever it is doing."""
        for process in self.processes:
            process.kill()
        for thread in self._threads:
            thread.join()
        for process in self.processes:
            with suppress(BrokenPipeError), process:  # closes the pipes and waits
                pass

    def _serve(self, process: subprocess.Popen[str]) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            problem = _ask(process, job)
            self.answers.put(problem)
            if isinstance(problem, WorkerError):
                return


def main() -> None:
    """The worker's side: answer each job until the input ends. Whatever a library prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        for line in sys.stdin:
            answers.write(json.dumps(_answer(line)) + "\n")
            answers.flush()
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)


def _start() -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "delineate.store.workers"]
    path = os.pathsep.join(p for p in sys.path if p)
    environment = {**os.environ, **_SINGLE_THREAD, "PYTHONPATH": path}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8", bufsize=1
    )


def _ask(process: subprocess.Popen[str], job: Job) -> BaseException | None:
    assert process.stdin and process.stdout
    line = ""
    with suppress(OSError, ValueError):
        process.stdin.write(job.model_dump_json() + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    if not line:
        return WorkerError(
            f"the process preparing case {job.case.name} died (exit status {process.wait()})",
            "enough memory for the case; a killed process has most often run out of it",
            "lower --memory or prepare with one process (--set prepare.workers=1); finished cases are kept",
        )
    answer = json.loads(line)
    if answer is None:
        return None
    kind, *words = answer
    if kind == "bug":
        return RuntimeError(f"preparing case {job.case.name} failed:\n{words[0]}")
    error: DelineateError = getattr(errors, kind)(*words)
    return error


def _answer(line: str) -> list[str] | None:
    try:
        run_job(Job.model_validate_json(line))
    except DelineateError as error:
        return [type(error).__name__, error.what, error.expected, error.fix]
    except Exception:
        return ["bug", traceback.format_exc()]
    return None


if __name__ == "__main__":
    main()
