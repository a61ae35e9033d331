"""Worker processes that prepare cases; each is sent one job at a time as a line of JSON and answers with another.

They are started as ``python -m delineate.store.workers`` instead of being forked or spawned by `multiprocessing`: the
caller may hold threads, needs no ``if __name__ == "__main__"``, nothing is pickled, and a process that dies is known
within seconds, together with the case it was working on and the signal that ended it.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from delineate.core import errors
from delineate.core.errors import DelineateError, WorkerError
from delineate.core.shortage import shortage
from delineate.store.job import Job, run_job

Progress = Callable[[int, int], None]
_LOOK_S = 0.5
_LAST_WORDS_S = 3.0
"""A dead process's answer may still be in its pipe; one that says nothing for so long said nothing."""
_SIGKILL = 9  # signal.SIGKILL, which some systems lack
_SINGLE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def run_jobs(jobs: Sequence[Job], workers: int, progress: Progress | None = None) -> None:
    """Run all jobs, here if ``workers`` is 0 or 1, else in that many processes. What was finished stays on an error.

    Raises:
        WorkerError: a process died; it names the case and tells killed for want of memory from crashed.
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
            problem = team.answer()
            if problem is not None:
                raise problem
            tell(done, len(jobs))
    finally:
        team.stop()


class Team:
    """One thread per process: it hands out jobs and puts None or an exception into ``answers`` for each.

    A thread that reads from a pipe can hang although its process is dead, where a process that this one started keeps
    the other end open. So `answer` looks after the processes as well.
    """

    def __init__(self, jobs: Sequence[Job], workers: int) -> None:
        self.answers: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._jobs.put(job)
        self.processes = [_start() for _ in range(min(workers, len(jobs)))]
        self._doing: dict[int, Job] = {}
        self._died_at: dict[int, float] = {}
        self._stopping = False
        self._threads = [threading.Thread(target=self._serve, args=(p,), daemon=True) for p in self.processes]
        for thread in self._threads:
            thread.start()

    def answer(self) -> BaseException | None:
        """The next job's outcome; a `WorkerError` for a process that died, seconds after at most."""
        while True:
            with suppress(queue.Empty):
                return self.answers.get(timeout=_LOOK_S)
            for process in self.processes:
                job = self._doing.get(process.pid)
                if job is None or process.poll() is None:
                    continue
                if time.monotonic() - self._died_at.setdefault(process.pid, time.monotonic()) > _LAST_WORDS_S:
                    return _death(process, job)

    def stop(self) -> None:
        """End every process, whatever it is doing."""
        self._stopping = True
        for process in self.processes:
            process.kill()
        for process, thread in zip(self.processes, self._threads, strict=True):
            thread.join(_LAST_WORDS_S)
            process.wait()
            if not thread.is_alive():  # closing a pipe that a thread hangs on would hang too: the thread does it then
                _close(process)

    def _serve(self, process: subprocess.Popen[str]) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            self._doing[process.pid] = job
            try:
                problem = _ask(process, job)
            except Exception as error:  # told by whoever waits for an answer, who would wait for ever
                problem = error
            del self._doing[process.pid]
            self.answers.put(problem)
            if isinstance(problem, WorkerError):
                if self._stopping:
                    _close(process)
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
    if not line.endswith("\n"):
        return _death(process, job)
    answer = json.loads(line)
    if answer is None:
        return None
    kind, *words = answer
    if kind == "bug":
        return RuntimeError(f"preparing case {job.case.name} failed:\n{words[0]}")
    error: DelineateError = getattr(errors, kind, DelineateError)(*words)  # plug-ins have errors of their own
    return error


def _close(process: subprocess.Popen[str]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()


def _death(process: subprocess.Popen[str], job: Job) -> WorkerError:
    """What the exit status tells: the system kills (SIGKILL) what takes too much memory, a library's fault is another
    signal, and a status above 0 is an end the process chose itself."""
    status, case = process.wait(), job.case.name
    if status == -_SIGKILL:
        return WorkerError(
            f"the process preparing case {case} was killed for memory (SIGKILL): that is how the system takes memory "
            "back, unless a person ended it",
            "enough memory for the case",
            "lower --memory to what is really free, or prepare in this process alone (--set prepare.workers=0); "
            "finished cases are kept",
        )
    if status < 0:
        return WorkerError(
            f"the process preparing case {case} crashed ({_signal_name(-status)})",
            "files that the libraries can read",
            "see what `delineate check` says of this case; --set prepare.workers=0 shows where it crashes",
        )
    return WorkerError(
        f"the process preparing case {case} ended by itself (exit status {status})",
        "an answer",
        "run it again with --set prepare.workers=0 to see what it says",
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _answer(line: str) -> list[str] | None:
    try:
        run_job(Job.model_validate_json(line))
    except DelineateError as error:
        return _words(error)
    except Exception as error:
        short = shortage(error)
        return ["bug", traceback.format_exc()] if short is None else _words(short)
    return None


def _words(error: DelineateError) -> list[str]:
    return [type(error).__name__, error.what, error.expected, error.fix]


if __name__ == "__main__":
    main()
