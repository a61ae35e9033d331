"""A process that ends otherwise than it should is a failure with a reason."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from delineate.steps.errand import guarded, send
from delineate.steps.study import WorkState


def test_a_process_that_crashes_leaves_the_end_of_its_output(tmp_path):
    state, log = tmp_path / "state.json", tmp_path / "process.log"
    WorkState(state="running", attempts=1).save(state)
    told = send((str(tmp_path), "cell", "plain_unet", "not a number"), state, log)
    assert told == WorkState.at(state) and told.state == "failed"
    assert "code 1" in told.error and "not a number" in told.error


def test_memory_that_runs_out_fails_one_piece_of_work_with_what_to_do(tmp_path):
    def work() -> bool:
        raise MemoryError("Unable to allocate 9.00 GiB")

    guarded(tmp_path / "state.json", work)
    told = WorkState.at(tmp_path / "state.json")
    assert told.state == "failed" and told.error.startswith("E310: the memory ran out")


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")
def test_a_process_ends_when_the_one_that_started_it_is_killed(tmp_path):
    child = "from delineate.steps.errand import hold_on_to_parent as h; import time, pathlib; h();"
    child += f"pathlib.Path({str(tmp_path / 'there')!r}).touch(); time.sleep(600)"
    parent = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE);"
    parent += "print(p.pid, flush=True); p.wait()"
    process = subprocess.Popen([sys.executable, "-c", parent, child], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    _wait(lambda: (tmp_path / "there").exists())
    process.kill()
    process.communicate()
    _wait(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    import psutil

    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def _wait(until) -> None:
    end = time.monotonic() + 120
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)
