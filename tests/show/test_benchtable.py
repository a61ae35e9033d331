from __future__ import annotations

import io

from rich.console import Console

from delineate.show.benchtable import show_bench
from delineate.steps.benching import BenchResult

PIECES = {"read": 0.0, "decompress": 4.0, "collate": 1.0, "transfer": 0.0, "augment": 15.0, "step": 500.0}


def shown(**changes):
    facts = {
        "patch": (80, 160, 160), "batch": 2, "device": "cpu", "workers": 2, "prepared_bytes": 2**30,
        "first_batch_s": 0.25, "piece_ms": PIECES, "loading_per_s": {0: 50.0, 2: 90.0}, "step_per_s": 2.0,
        "bottleneck": "step", "advice": "a [smaller] network", "peak_bytes": 2**29,
    }  # fmt: skip
    page = io.StringIO()
    show_bench(BenchResult(**{**facts, **changes}), Console(file=page, width=140, highlight=False))
    return page.getvalue()


def test_every_piece_has_its_time_and_rate():
    told = shown()
    rows = {line.split("│")[1].strip(): line for line in told.splitlines() if line.startswith("│")}
    assert set(rows) == set(PIECES)
    assert "15.00" in rows["augment"] and " 67 " in rows["augment"]
    assert "2.00" in rows["step"] and "█" in rows["step"]
    assert " - " in rows["read"], "what takes no time has no rate"


def test_the_whole_the_bottleneck_and_what_to_do_are_told():
    told = shown()
    assert "80x160x160" in told and "1.0 GiB prepared" in told and "512 MiB" in told
    assert "loading with 0 threads: 50 patches/s" in told and "loading with 2 threads: 90 patches/s" in told
    assert "bottleneck: step" in told and "to do: a [smaller] network" in told
