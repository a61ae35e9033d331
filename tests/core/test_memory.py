from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from delineate.core import memory
from delineate.core.memory import MemoryWatch, available_bytes, default_budget_bytes, tree_bytes


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
