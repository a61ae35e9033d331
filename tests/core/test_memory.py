from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import combinations
from mmap import mmap
from pathlib import Path

import psutil
import pytest

from delineate.core import memory
from delineate.core.memory import MemoryWatch, available_bytes, default_budget_bytes, fitting, tree_bytes


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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_kept_memory_goes_back_when_it_is_released():
    code = """
from delineate.core.memory import keep_freed_memory, release_freed_memory, tree_bytes
if keep_freed_memory():
    parts = [bytearray(b"1") * (8 << 20) for _ in range(16)]
    del parts[1:]  # what is kept lies below what is freed, and one piece above it
    last = bytearray(b"1") * 1000
    kept = tree_bytes()
    release_freed_memory()
    print(kept - tree_bytes())
"""
    gone = subprocess.check_output([sys.executable, "-c", code])
    assert not gone or int(gone) > 100 << 20


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
    # from the system, not from what earlier tests freed
    with MemoryWatch(period_s=0.01) as watch, mmap(-1, 60_000_000) as block:
        block.write(b"x" * 60_000_000)
        time.sleep(0.2)
    assert before > 1_000_000
    assert watch.peak_bytes > before + 40_000_000


def _fake_cgroups(root: Path, monkeypatch: pytest.MonkeyPatch, own: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / "cgroup" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "cgroup" / name).write_text(text + "\n")
    (root / "own").write_text(own + "\n")
    monkeypatch.setattr(memory, "_CGROUP", root / "cgroup")
    monkeypatch.setattr(memory, "_OWN_CGROUPS", root / "own")


@pytest.mark.parametrize(
    ("own", "files", "room"),
    [
        (  # version 2: the tightest of a nested tree, wherever it stands
            "0::/a/b",
            {"a/memory.max": "9000", "a/memory.current": "2000", "a/b/memory.max": "max", "a/b/memory.current": "1500"},
            7000,
        ),
        (  # version 2 with a soft limit below the hard one
            "0::/a",
            {"a/memory.max": "9000", "a/memory.high": "5000", "a/memory.current": "2000"},
            3000,
        ),
        (  # Slurm on version 2: the job holds the limit, the task none
            "0::/system.slice/slurmstepd.scope/job_5/step_0/user/task_0",
            {
                "system.slice/slurmstepd.scope/job_5/memory.max": "8000",
                "system.slice/slurmstepd.scope/job_5/memory.current": "500",
                "system.slice/slurmstepd.scope/job_5/step_0/user/task_0/memory.max": "max",
                "system.slice/slurmstepd.scope/job_5/step_0/user/task_0/memory.current": "400",
            },
            7500,
        ),
        (  # Slurm on version 1, other controllers elsewhere; totals count the groups below
            "12:cpuset:/slurm/other\n4:memory:/slurm/uid_1/job_5/step_0\n0::/init.scope",
            {
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "memory/memory.usage_in_bytes": "99999",
                "memory/slurm/uid_1/job_5/memory.limit_in_bytes": "6000",
                "memory/slurm/uid_1/job_5/memory.usage_in_bytes": "3000",
                "memory/slurm/uid_1/job_5/memory.stat": "inactive_file 1\ntotal_inactive_file 700\ntotal_active_file 4",
                "memory/slurm/uid_1/job_5/step_0/memory.limit_in_bytes": "9223372036854771712",
                "memory/slurm/uid_1/job_5/step_0/memory.usage_in_bytes": "3000",
                "cpuset/slurm/other/memory.max": "1",
                "cpuset/slurm/other/memory.current": "0",
            },
            6000 - 3000 + 700 + 2,
        ),
        (  # a container that sees the host's path but mounts its own group as the root
            "0::/docker/0123",
            {"memory.max": "4000", "memory.current": "5000"},
            0,
        ),
        ("0::/", {"memory.max": "max", "memory.current": "5000"}, None),
        (
            "3:memory:/",
            {"memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "3000"},
            None,
        ),
        ("0::/", {}, None),
    ],
    ids=["nested", "high", "slurm-2", "slurm-1", "container", "max", "unlimited-1", "none"],
)
def test_limits_are_found_wherever_they_stand(own, files, room, tmp_path, monkeypatch):
    _fake_cgroups(tmp_path, monkeypatch, own, files)
    free = 10**15
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Free", (), {"available": free})())
    assert available_bytes() == (free if room is None else room)
    assert default_budget_bytes() == int(0.8 * available_bytes())


def test_without_pss_the_resident_size_counts(monkeypatch):
    def refused(self, *_: object, **__: object) -> str:
        raise PermissionError(self)

    monkeypatch.setattr(Path, "read_text", refused)
    resident = psutil.Process().memory_info().rss
    assert 0.8 * resident < memory._process_bytes(os.getpid()) < 1.2 * resident


def test_the_children_count_too():
    before = tree_bytes()
    code = "block = b'1' * 50_000_000; print('ready', flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        assert tree_bytes() > before + 45_000_000
        child.communicate("")


def test_memory_is_told_in_one_line():
    use = memory.MemoryUse(budget_bytes=2 * 2**30, expected_bytes=500 * 2**20, peak_bytes=450 * 2**20)
    assert str(use) == "memory: 450 MiB at the peak, 500 MiB expected, 2.0 GiB allowed"
    assert memory.budget_of("2GiB") == 2 * 2**30


@pytest.mark.parametrize("room", [0, 3, 5, 8, 9, 12, 30])
def test_whichever_cases_meet_they_fit(room):
    sizes = [2, 5, 3, 4, 1]
    count = fitting(sizes, room)
    assert all(sum(chosen) <= room for chosen in combinations(sizes, count))
    more = combinations(sizes, count + 1) if count < len(sizes) else [(room + 1,)]
    assert any(sum(chosen) > room for chosen in more)
