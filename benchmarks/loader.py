"""Patches per second and peak memory of the loader on full-size CTs, with peers measured in the same minutes.

usage: python benchmarks/loader.py FOLDER OUT [--peers PYTHON] [--seconds 20] [--rounds 3] [--workers 2] [--batch 2]
           [--patch 80 160 160] [--foreground 0.5]

FOLDER holds ``images/*.nii.gz`` and ``labels/*.nii.gz`` of the same names, slices along the first axis; OUT is a folder
for the prepared data. PYTHON is the interpreter of an environment that has MONAI and TorchIO; a peer that is absent is
left out. Every loader runs in a process of its own, whose memory (PSS, with all its children) is sampled from outside;
rounds take turns, since the machine's speed changes. Nothing is augmented. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

HOUNSFIELD = {"low": -300.0, "high": 300.0, "mean": 40.0, "std": 60.0}
PEERS = {
    "torchio queue": ("torchio_loader.py", "queue"),
    "monai dataset": ("monai_loader.py", "dataset"),
    "monai persistent": ("monai_loader.py", "persistent"),
    "monai cache": ("monai_loader.py", "cache"),
}


def main() -> None:
    """See the module."""
    asked = arguments()
    if asked.ours:
        print(json.dumps(measure_ours(asked)))
        return
    prepare_s, prepared_bytes = prepare(asked)
    common = [str(v) for v in (asked.seconds, asked.workers, asked.batch, *asked.patch)]
    ours = [sys.executable, __file__, *sys.argv[1:], "--ours"]
    commands = {"delineate": ours, "delineate, 0 workers": [*ours, "--workers", "0"]}
    for name, (script, kind) in PEERS.items() if asked.peers else ():
        commands[name] = [asked.peers, str(Path(__file__).parent / "peers" / script), kind, asked.folder, *common]
    rounds: dict[str, list[dict[str, float]]] = {}
    for _ in range(asked.rounds):
        for name, command in commands.items():
            if found := run(command):
                rounds.setdefault(name, []).append(found)
                print(name, {k: round(v, 2) for k, v in found.items()}, file=sys.stderr, flush=True)
    told = {name: {k: statistics.median(r[k] for r in found) for k in found[0]} for name, found in rounds.items()}
    print(
        json.dumps({"prepare_s": prepare_s, "prepared_mib": prepared_bytes / 2**20, "medians": told, "rounds": rounds})
    )


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--peers")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--patch", type=int, nargs=3, default=[80, 160, 160])
    parser.add_argument("--foreground", type=float, default=0.5)
    parser.add_argument("--ours", action="store_true")
    return parser.parse_args()


def prepare(asked: argparse.Namespace) -> tuple[float, int]:
    """Prepare every scan at its own spacing, so that everybody cuts the same voxels; seconds and bytes."""
    from delineate.core.labels import Labels
    from delineate.dataset.case import Case
    from delineate.formats import read_info
    from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
    from delineate.store.chunks import Index, Indexed
    from delineate.store.job import Job, Target
    from delineate.store.workers import run_jobs

    folder, out = Path(asked.folder), Path(asked.out)
    labels, jobs = Labels.exclusive({1: "organ", 2: "lesion"}), []
    begun = time.monotonic()
    for path in sorted((folder / "labels").glob("*.nii.gz")):
        case = Case(name=path.name.split(".")[0], images=(folder / "images" / path.name,), label=path)
        stage = Stage(
            name="full", spacing_mm=read_info(path).geometry.spacing_mm, patch=asked.patch, batch=asked.batch,
            net=NetPlan(name="plain_unet"),
        )  # fmt: skip
        plan = Plan(
            dims=3, axes=(0, 1, 2), channels=("CT",), labels=labels, stages=(stage,), mirror_axes=(),
            normalisers=(Normaliser(name="ct", numbers=HOUNSFIELD),), anisotropic=False, crop="none",
            memory_bytes=2**30,
        )  # fmt: skip
        jobs.append(Job(case=case, labels=labels, plan=plan, targets=(Target(stage=stage, folder=out / case.name),)))
    run_jobs(jobs, max(1, asked.workers))
    indexed = tuple(Indexed(case=job.case, folder=job.case.name) for job in jobs)
    Index(stage=jobs[0].targets[0].stage, cases=indexed).save(out / "stage-full.json")
    return time.monotonic() - begun, sum(p.stat().st_size for p in out.rglob("*") if p.is_file())


def measure_ours(asked: argparse.Namespace) -> dict[str, float]:
    """Open what was prepared and take batches, as a training would."""
    from delineate.config import PatchConfig
    from delineate.core.memory import keep_freed_memory
    from delineate.patches.loader import BatchShape, Loader
    from delineate.patches.sampler import SAMPLERS
    from delineate.store.chunks import Store

    keep_freed_memory()
    begun = time.monotonic()
    store = Store.open_folder(Path(asked.out))
    knobs = PatchConfig(foreground=asked.foreground)
    sampler = SAMPLERS["foreground"](store, store.names, tuple(asked.patch), knobs, 0)
    stream = Loader(store, sampler, BatchShape(asked.patch, asked.batch), asked.workers).batches()
    next(stream)
    first = time.monotonic() - begun
    for _ in range(10):
        next(stream)
    warm, patches = time.monotonic(), 0
    while time.monotonic() - warm < asked.seconds:
        patches += len(next(stream).draws)
    return {"first_batch_s": first, "patches_per_s": patches / (time.monotonic() - warm)}


def run(command: list[str]) -> dict[str, float]:
    """The figures a process prints and the peak of its memory; nothing where it fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_bytes(process.pid))
        time.sleep(0.1)
    out, error = process.communicate()
    if process.returncode:
        print(f"{command[1:3]} is left out: {error.strip().splitlines()[-1:]}", file=sys.stderr)
        return {}
    figures: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return {**figures, "peak_gib": peak / 2**30}


def tree_bytes(root: int) -> int:
    """Proportional memory of a process and its children."""
    total = 0
    try:
        family = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
    except psutil.Error:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except (psutil.Error, OSError):
            continue
    return total


if __name__ == "__main__":
    main()
