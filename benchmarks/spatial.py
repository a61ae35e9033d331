"""Milliseconds to rotate, scale and deform one image and its label, on one core, with peers in the same minutes.

usage: python benchmarks/spatial.py [--peers PYTHON] [--rounds 3] [--repeats 5] [--shape 128 128 128]

PYTHON is the interpreter of an environment that has TorchIO or batchgeneratorsv2; a peer that is absent is named and
left out. Everybody runs in a process of its own on one thread; rounds take turns, since the machine's speed changes.
Wall-clock time is the best of all repeats, processor time the median of them: the second suffers less from other
work on the machine. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PEERS = {
    "torchio, two transforms": ("torchio_spatial.py", "two"),
    "torchio, one transform": ("torchio_spatial.py", "one"),
    "batchgeneratorsv2": ("batchgeneratorsv2_spatial.py", "bilinear"),
    "batchgeneratorsv2, nearest label": ("batchgeneratorsv2_spatial.py", "nearest"),
}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1")


def main() -> None:
    """See the module."""
    asked = arguments()
    shape = [str(n) for n in asked.shape]
    if asked.ours:
        print(json.dumps(measure_ours(asked.shape, asked.repeats)))
        return
    commands = {"delineate": [sys.executable, __file__, "--ours", "--repeats", str(asked.repeats), "--shape", *shape]}
    for name, (script, kind) in PEERS.items() if asked.peers else ():
        commands[name] = [asked.peers, str(Path(__file__).parent / "peers" / script), kind, str(asked.repeats), *shape]
    found: dict[str, list[list[float]]] = {}
    for _ in range(asked.rounds):
        for name, command in commands.items():
            if times := run(command):
                found.setdefault(name, []).extend(times)
    told = {
        name: {"wall_ms": 1000 * min(t[0] for t in times), "cpu_ms": 1000 * statistics.median(t[1] for t in times)}
        for name, times in found.items()
    }
    print(json.dumps({"shape": asked.shape, "repeats": asked.rounds * asked.repeats, "result": told}))


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--shape", type=int, nargs=3, default=[128, 128, 128])
    parser.add_argument("--ours", action="store_true")
    return parser.parse_args()


def measure_ours(shape: list[int], repeats: int) -> list[tuple[float, float]]:
    """Decide and apply `spatial`, with another decision each time."""
    import numpy as np
    import torch

    from delineate.config import PatchConfig
    from delineate.patches.augment.spatial import Spatial
    from delineate.patches.augmentation import AugmentSettings

    torch.set_num_threads(1)
    settings = AugmentSettings(knobs=PatchConfig(affine=1, elastic=1), dims=3, spacing_mm=(1.0, 1.0, 1.0))
    image, label, spatial = torch.randn(1, 1, *shape), torch.randint(0, 4, (1, *shape), dtype=torch.uint8), Spatial()

    def once(seed: int) -> None:
        spatial.apply(image, label, [spatial.decide(np.random.default_rng(seed), settings)])

    return timed(once, repeats)


def timed(once: Callable[[int], object], repeats: int) -> list[tuple[float, float]]:
    """Wall-clock and processor seconds of each repeat; the first, which loads libraries, is not among them."""
    out = []
    for seed in range(repeats + 1):
        wall, processor = time.perf_counter(), time.process_time()
        once(seed)
        out.append((time.perf_counter() - wall, time.process_time() - processor))
    return out[1:]


def run(command: list[str]) -> list[list[float]]:
    """The times a process prints; none, and a word why, where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **ONE_THREAD})
    if done.returncode:
        print(f"{command[1:3]} is left out: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return []
    times: list[list[float]] = json.loads(done.stdout.strip().splitlines()[-1])
    return times


if __name__ == "__main__":
    main()
