"""Peak memory of training on three full-size CTs (160 x 512 x 512) within a budget, workers included.

usage: python benchmarks/memory.py OUT [MEMORY] [STEPS]

The scans are abdominal phantoms; there is no time limit, so memory alone decides the network. The peak is the program's
own measurement (PSS of all its processes, twice a second) beside the kernel's for the main process. Prints one JSON
object.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from delineate import load_config, steps
from delineate.core.units import GIB, parse_memory
from delineate.phantom.phantom import make_phantom


def main() -> None:
    """See the module."""
    out = Path(sys.argv[1])
    memory = sys.argv[2] if len(sys.argv) > 2 else "6GiB"
    count = sys.argv[3] if len(sys.argv) > 3 else "10"
    data = out / "data"
    if not data.exists():
        make_phantom("abdomen", data, cases=3, size=(160, 512, 512), seed=0)
    config = load_config(sets=[f"train.steps={count}"], memory=memory, time="none")
    result = steps.train(data, out / f"run-{memory}", config)
    kernel = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    plan = json.loads((result.run / "plan.json").read_text())
    print(
        json.dumps(
            {
                "budget_gib": round(parse_memory(memory) / GIB, 2),
                "expected_gib": round(result.expected_bytes / GIB, 2),
                "peak_gib": round(result.peak_bytes / GIB, 2),
                "kernel_peak_of_main_gib": round(kernel / GIB, 2),
                "within": result.peak_bytes <= parse_memory(memory),
                "plan": {r["decision"]: r["value"] for r in plan["reasons"]},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
