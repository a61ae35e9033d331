"""Whether memory grows while a network of real size trains: the resident set size of all processes, step by step.

usage: python benchmarks/flat.py OUT [STEPS] [MEMORY]

The network is the planner's for MEMORY (4GiB) on phantoms of abdomens, without a time limit: it is large, so that a
step takes seconds. The first quarter of the STEPS (1000) is warm-up: the first validation lies in it. Of the rest the
first quarter is compared with the last. Twice a second a sample is taken, of training steps only: validations take
memory of their own and give it back. It is not the proportional set size that the program itself goes by: that changes
whenever another program that has loaded torch begins or ends. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import psutil

from delineate import load_config, steps
from delineate.core.units import GIB
from delineate.phantom.phantom import make_phantom

PERIOD_S = 0.5
WARM_UP = 0.25
FLAT = 0.02


class Samples:
    """A watch of a training that samples memory beside it; ``taken`` holds step and bytes."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []
        self.times_s: dict[int, float] = {}
        self._since: list[int] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Samples:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(PERIOD_S):
            size = resident_bytes()
            with self._lock:
                self._since.append(size)

    def heard(self, row: dict[str, float | str]) -> None:
        """What was sampled since the last step belongs to a validation that ends here."""
        if row.get("phase") == "validate":
            with self._lock:
                self._since.clear()

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """What was sampled since the last time belongs to the steps up to this one, or to what lies before them."""
        with self._lock:
            if self.times_s:
                self.taken += [(step, size) for size in self._since]
            self._since.clear()
        self.times_s[step] = time.monotonic()

    def quarter(self, number: int) -> list[int]:
        """The samples of one of the four quarters of the steps after the warm-up."""
        first, last = WARM_UP * max(self.times_s), max(self.times_s)
        part = (last - first) / 4
        return [size for step, size in self.taken if first + number * part < step <= first + (number + 1) * part]

    def seconds_per_step(self) -> float:
        """The mean over the run, validations included."""
        first, last = min(self.times_s), max(self.times_s)
        return (self.times_s[last] - self.times_s[first]) / max(last - first, 1)


def resident_bytes() -> int:
    """Of this process and its descendants."""
    here, size = psutil.Process(), 0
    for process in (here, *here.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            size += process.memory_info().rss
    return size


def main() -> None:
    """See the module."""
    out = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    memory = sys.argv[3] if len(sys.argv) > 3 else "4GiB"
    data = out / "data"
    if not data.exists():
        make_phantom("abdomen", data, cases=6, size=(96, 192, 192), seed=0)
    config = load_config(sets=[f"train.steps={count}"], memory=memory, time="none")
    with Samples() as samples:
        result = steps.train(data, out / f"run-{memory}-{count}", config, watch=samples)
    quarters = [samples.quarter(n) for n in range(4)]
    if not all(quarters):
        sys.exit(f"a quarter of the {count} steps has no sample; give more steps")
    middles, peaks = [median(q) for q in quarters], [max(q) for q in quarters]
    plan = json.loads((result.run / "plan.json").read_text())
    growth = middles[3] / middles[0] - 1
    print(
        json.dumps(
            {
                "steps": count,
                "seconds_per_step": round(samples.seconds_per_step(), 3),
                "samples": [len(q) for q in quarters],
                "median_gib": [round(m / GIB, 3) for m in middles],
                "peak_gib": [round(p / GIB, 3) for p in peaks],
                "growth_of_median_percent": round(100 * growth, 2),
                "growth_of_peak_percent": round(100 * (peaks[3] / peaks[0] - 1), 2),
                "flat": abs(growth) <= FLAT,
                "plan": {r["decision"]: r["value"] for r in plan["reasons"]},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
