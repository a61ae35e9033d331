from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from delineate.core import memory
from delineate.core.memory import MemoryWatch, available_bytes, default_budget_bytes, tree_bytes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_freed_memory_is_kept():
    """Touching the same memory again costs no page faults; in a process of its own, since it cannot be undone."""
    code = """
import resource, sys
from delineate.core.memory import keep_freed_memory
told = keep_freed_memory() if sys.argv[1] == "keep" else True
def touch():
    parts = [bytearray(8 << 20) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
touch()
before = touch()
for _ in range(5): after = touch()
print(int(told), after - before)
"""
    kept, plain = (
        [int(n) for n in subprocess.check_output([sys.executable, "-c", code, how]).split()]
        for how in ("keep", "plain")
    )
    if kept[0]:
        assert kept[1] < plain[1] / 4


def test_available_memory_is_no_more_than_the_machine_has() -> None:
    assert 0 < available_bytes() <= psutil.virtual_memory().total
    assert 0 < default_budget_bytes() < psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("limit", "used"), [("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")]
)
def test_a_containers_limit_counts(limit: str, used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / limit).write_text("5000000\n")
    (tmp_path / used).write_text("3000000\n")
    (tmp_path / "memory.stat").write_text("anon 7\ninactive_file 1000000\n")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    assert available_bytes() == 5_000_000 - 3_000_000 + 1_000_000
    (tmp_path / limit).write_text("max\n")
    assert available_bytes() > 10_000_000


def test_the_watch_sees_what_was_taken_and_given_back() -> None:
    before = tree_bytes()
    with MemoryWatch(period_s=0.01) as watch:
        block = np.ones(60_000_000, np.uint8)
        time.sleep(0.2)
        del block
    assert before > 1_000_000
    assert watch.peak_bytes > before + 40_000_000
