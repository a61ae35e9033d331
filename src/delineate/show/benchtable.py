"""What `bench` measured, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rich.console import Console
from rich.table import Table

from delineate.core.units import show_memory, show_time


class Bench(Protocol):
    """What `steps.bench` returns."""

    @property
    def patch(self) -> tuple[int, ...]: ...
    @property
    def batch(self) -> int: ...
    @property
    def device(self) -> str: ...
    @property
    def workers(self) -> int: ...
    @property
    def prepared_bytes(self) -> int: ...
    @property
    def first_batch_s(self) -> float: ...
    @property
    def piece_ms(self) -> Mapping[str, float]: ...
    @property
    def loading_per_s(self) -> Mapping[int, float]: ...
    @property
    def step_per_s(self) -> float: ...
    @property
    def bottleneck(self) -> str: ...
    @property
    def advice(self) -> str: ...
    @property
    def peak_bytes(self) -> int: ...


def show_bench(result: Bench, console: Console | None = None) -> None:
    """A line per piece, the whole, the bottleneck and what to change."""
    console = console or Console(highlight=False)
    size = "x".join(map(str, result.patch))
    console.print(
        f"patches of {size}, batch {result.batch}, {result.device}; {show_memory(result.prepared_bytes)} prepared"
    )
    table = Table("piece", "ms per patch", "patches/s", "", title="one thread, one piece after the other")
    whole = sum(result.piece_ms.values())
    for piece, ms in result.piece_ms.items():
        bar = "█" * round(30 * ms / whole)
        style = "bold" if piece == result.bottleneck else None
        table.add_row(piece, f"{ms:.2f}", _per_second(1000 / ms if ms else 0.0), bar, style=style)
    console.print(table)
    for workers, rate in result.loading_per_s.items():
        console.print(f"loading with {workers} threads: {_per_second(rate)} patches/s (all but the step)")
    console.print(f"the network takes {_per_second(result.step_per_s)} patches/s")
    console.print(f"first batch after {show_time(result.first_batch_s)}; memory {show_memory(result.peak_bytes)}")
    console.print(f"[bold]bottleneck: {result.bottleneck}[/]")
    console.print(f"to do: {result.advice}", markup=False)


def _per_second(rate: float) -> str:
    return "-" if rate == 0 else f"{rate:.0f}" if rate >= 10 else f"{rate:.2f}"
