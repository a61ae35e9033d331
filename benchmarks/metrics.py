"""Seconds to measure full-size masks: ours, MONAI's, DeepMind's surface-distance and SimpleITK's, taking turns.

usage: python benchmarks/metrics.py KIDNEYS TORSO [--peers PYTHON] [--rounds 3]

KIDNEYS is a label map of a few classes with the slices first (KiTS19), stretched to 178 slices; TORSO one of many
classes (TotalSegmentator), measured as it is and up-sampled to 400 x 512 x 512. The prediction is the truth moved by
(1, 3, 2) voxels. PYTHON is the interpreter of an environment with monai, surface-distance and SimpleITK; without it
only we are measured. Every measurement is a process of its own; reading files and importing libraries is not counted.
Wall-clock time is the best of all rounds, processor time the median: the second suffers less from other work on the
machine. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

THREE = ("dice", "hd95", "nsd")
SURFACE = ("hd", "hd95", "assd", "masd", "nsd", "boundary_iou")
SLICES = 178
LARGE = (400, 512, 512)


def main() -> None:
    """See the module."""
    asked = arguments()
    if asked.make:
        make_maps(Path(asked.kidneys), Path(asked.torso), Path(asked.make))
        return
    if asked.ours:
        print(json.dumps(measure_ours(Path(asked.kidneys), asked.ours)))
        return
    with tempfile.TemporaryDirectory() as folder:
        made = [sys.executable, __file__, asked.kidneys, asked.torso, "--make", folder]
        subprocess.run(made, check=True)  # apart: a child starts with the peak memory of its parent
        maps = {name: Path(folder) / f"{name}.npz" for name in ("kidneys", "torso", "large")}
        jobs = {
            f"{name}: {what}": [sys.executable, __file__, str(path), "-", "--ours", what]
            for name, path in maps.items()
            for what in ("three", "surface", "all")
        }
        peer = str(Path(__file__).parent / "peers" / "metrics.py")
        for kind in ("monai", "deepmind", "simpleitk") if asked.peers else ():
            jobs[f"kidneys: {kind}"] = [asked.peers, peer, kind, str(maps["kidneys"])]
        found: dict[str, list[dict[str, Any]]] = {}
        for _ in range(asked.rounds):
            for name, command in jobs.items():
                if asked.only in name and (told := run(command)):
                    found.setdefault(name, []).append(told)
    print(json.dumps({name: summary(rounds) for name, rounds in found.items()}, indent=1))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kidneys")
    parser.add_argument("torso")
    parser.add_argument("--peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="measure those whose name holds this")
    parser.add_argument("--make")
    parser.add_argument("--ours", choices=("three", "surface", "all"))
    return parser.parse_args()


def make_maps(kidneys: Path, torso: Path, folder: Path) -> None:
    """Write the label maps as ``.npz`` with ids from 1 on and the spacing."""
    import nibabel

    def write(name: str, ids: np.ndarray, spacing_mm: np.ndarray) -> None:
        found, numbered = np.unique(ids, return_inverse=True)
        np.savez(folder / f"{name}.npz", ids=numbered.reshape(ids.shape).astype(np.uint8), spacing_mm=spacing_mm)
        print(name, ids.shape, len(found) - 1, "classes", file=sys.stderr)

    image = nibabel.load(kidneys)
    ids, spacing_mm = np.asanyarray(image.dataobj), np.asarray(image.header.get_zooms(), float)
    write("kidneys", ids[nearest(len(ids), SLICES)], spacing_mm)
    image = nibabel.load(torso)
    ids, spacing_mm = np.asanyarray(image.dataobj).T, np.asarray(image.header.get_zooms()[::-1], float)
    write("torso", ids, spacing_mm)
    large = ids[np.ix_(*(nearest(n, m) for n, m in zip(ids.shape, LARGE, strict=True)))]
    write("large", large, spacing_mm * ids.shape / np.asarray(LARGE))


def nearest(n: int, wanted: int) -> np.ndarray:
    """Which of ``n`` slices to take for ``wanted``."""
    return np.round(np.linspace(0, n - 1, wanted)).astype(int)


def measure_ours(path: Path, what: str) -> dict[str, Any]:
    """Seconds and values of one map."""
    from delineate.core.geometry import Geometry
    from delineate.core.labels import Labels
    from delineate.evaluate.metric import METRICS
    from delineate.evaluate.score import score_case

    loaded = np.load(path)
    truth, spacing_mm = loaded["ids"], tuple(map(float, loaded["spacing_mm"]))
    prediction = np.roll(truth, (1, 3, 2), (0, 1, 2))
    labels = Labels.exclusive({k: str(k) for k in range(1, int(truth.max()) + 1)})
    names = {"three": THREE, "surface": SURFACE, "all": tuple(METRICS)}[what]
    grid = Geometry(shape=truth.shape, spacing_mm=spacing_mm)
    small = np.ones((1, 2, 2), np.uint8)
    score_case(small, small, Labels.exclusive({1: "a"}), Geometry(shape=small.shape))  # imports
    wall, processor = time.perf_counter(), time.process_time()
    scores = score_case(prediction, truth, labels, grid, metrics=[METRICS[n] for n in names])
    seconds = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - processor}
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {**seconds, "peak_gib": peak_gib, "values": [[s.values[n] for n in THREE if n in names] for s in scores[:2]]}


def run(command: list[str]) -> dict[str, Any] | None:
    """What a process prints, or nothing where it fails (told why)."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(command[-3:], done.stderr[-500:], file=sys.stderr)
        return None
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(command[-3:], told, file=sys.stderr)
    return told


def summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Best wall-clock time, median processor time, largest memory, and the values."""
    return {
        "wall_s": round(min(r["wall_s"] for r in rounds), 3),
        "cpu_s": round(statistics.median(r["cpu_s"] for r in rounds), 3),
        "peak_gib": round(max(r["peak_gib"] for r in rounds), 2),
        "rounds": len(rounds),
        "values": rounds[0]["values"],
    }


if __name__ == "__main__":
    main()
