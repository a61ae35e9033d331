"""Preparation of full-size CTs (150 x 512 x 512) to 1.5 mm: ours and nnU-Net's, in one run.

usage: python benchmarks/prepare.py OUT [CASES] [PYTHON_WITH_NNUNETV2]

The scans are abdominal phantoms. Both sides start with raw .nii.gz files and end with prepared ones, in two worker
processes: ours checks, fingerprints, plans and prepares; nnU-Net runs `nnUNetv2_plan_and_preprocess` (fingerprint,
plan, preprocess; its integrity check is off). Memory is sampled twice a second: the largest process, and the sum
of all (PSS). Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from delineate.core.units import GIB

SPACING_MM = 1.5
WORKERS = 2
SIZE = (150, 512, 512)


def main() -> None:
    """See the module."""
    if sys.argv[1] == "--ours":
        print(json.dumps(ours(Path(sys.argv[2]), Path(sys.argv[3]))))
        return
    out, cases = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    data = out / "data"
    if not data.exists():
        from delineate.phantom.phantom import make_phantom

        make_phantom("abdomen", data, cases=cases, size=SIZE, seed=0)
    work = out / f"work-{os.getpid()}"
    work.mkdir()
    here = Path(__file__).parent
    told: dict[str, Any] = {"cases": cases, "size": SIZE, "workers": WORKERS, "load_before": os.getloadavg()}
    told["delineate"] = watch([sys.executable, str(Path(__file__)), "--ours", str(data), str(work / "ours")])
    print(json.dumps(told["delineate"]), file=sys.stderr)
    if len(sys.argv) > 3:
        peer = [sys.argv[3], str(here / "peers" / "nnunet_prepare.py"), str(data), str(work / "nnunet")]
        told["nnunet"] = watch([*peer, str(WORKERS), str(SPACING_MM)])
        told["times_faster"] = round(told["nnunet"]["wall_s"] / told["delineate"]["wall_s"], 2)
    told["load_after"] = os.getloadavg()
    print(json.dumps(told, indent=2))


def ours(data: Path, out: Path) -> dict[str, float]:
    """Check, fingerprint, plan, prepare; seconds of each."""
    from delineate.config import load_config
    from delineate.dataset.check import check_dataset
    from delineate.dataset.find import find_cases
    from delineate.dataset.fingerprint import fingerprint_dataset
    from delineate.plan.planner import Budget, make_plan
    from delineate.store.prepare import prepare_dataset

    seconds, began = {}, time.monotonic()

    def note(phase: str) -> None:
        nonlocal began
        seconds[phase], began = round(time.monotonic() - began, 2), time.monotonic()

    config = load_config(sets=[f"plan.spacing_mm=[{SPACING_MM},{SPACING_MM},{SPACING_MM}]"])
    dataset = find_cases(data, None)
    result = check_dataset(dataset, workers=WORKERS)
    labels = result.require()
    note("check")
    finger = fingerprint_dataset(dataset, labels, workers=WORKERS, facts=result.facts)
    plan = make_plan(finger, labels, config.plan, Budget(8 * GIB))
    note("plan")
    store = prepare_dataset(dataset, labels, plan, out, 8 * GIB, workers=WORKERS)
    note("prepare")
    shapes = {store.shape(n) for n in store.names}
    print(f"prepared {len(store.names)} cases of {min(shapes)} to {max(shapes)}", file=sys.stderr)
    return seconds


def watch(command: list[str]) -> dict[str, Any]:
    """Wall-clock and processor seconds, and the memory of a command and its children."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    largest = together = 0
    while process.poll() is None:
        sizes = [memory_of(p) for p in family(process.pid)]
        largest = max([largest, *(rss for rss, _ in sizes)])
        together = max(together, sum(pss for _, pss in sizes))
        time.sleep(0.5)
    wall_s = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"{command} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.stdout is not None
    last = (process.stdout.read().splitlines() or [""])[-1]
    return {
        "wall_s": round(wall_s, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "largest_process_gib": round(largest / GIB, 2),
        "all_processes_gib": round(together / GIB, 2),
        **({"phases_s": json.loads(last)} if last.startswith('{"') else {}),
    }


def family(pid: int) -> list[psutil.Process]:
    """A process and all that came from it."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory_of(process: psutil.Process) -> tuple[int, int]:
    """Resident and proportional bytes."""
    try:
        found = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0, 0
    return found.rss, found.pss


if __name__ == "__main__":
    main()
