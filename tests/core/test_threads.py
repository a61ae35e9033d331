from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from delineate.core.threads import in_order, spin_briefly


def test_a_persons_own_settings_win(monkeypatch):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    spin_briefly()
    assert "GOMP_SPINCOUNT" not in os.environ
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    spin_briefly()
    assert os.environ["GOMP_SPINCOUNT"] == "7"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the runtime that torch brings differs")
def test_the_command_line_sets_it_before_torch_is_loaded():
    """The runtime tells its settings when it is loaded."""
    code = "import sys; sys.argv = ['delineate', 'env', '--json']; from delineate.cli import main; main()"
    kept = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    environment = {**kept, "OMP_DISPLAY_ENV": "VERBOSE"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "GOMP_SPINCOUNT = '10000'" in done.stderr


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no processors can be taken away")
def test_processors_are_those_a_scheduler_gave():
    """In a process of its own: the processors of this one stay as they are."""
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "from delineate.core.threads import cpus; print(cpus())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_in_order_and_at_most_so_many_at_a_time(workers):
    most = max(workers, 1)
    together = threading.Barrier(most)
    at_work, seen = [], []

    def square(n):
        at_work.append(n)
        seen.append(len(at_work))
        together.wait(timeout=30)  # as many as asked are here at once, or this breaks
        at_work.remove(n)
        return n * n

    assert list(in_order(square, range(2 * most), workers)) == [n * n for n in range(2 * most)]
    assert max(seen) <= most
