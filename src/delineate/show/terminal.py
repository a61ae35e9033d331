"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from delineate.core.listing import counted
from delineate.core.units import show_memory, show_time
from delineate.dataset.case import Dataset
from delineate.dataset.check import CheckResult
from delineate.evaluate.metrics.nsd import DEFAULT_TOLERANCE_MM

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


class Trained(Protocol):
    """What `steps.train` returns."""

    @property
    def run(self) -> Path: ...
    @property
    def complete(self) -> bool: ...
    @property
    def validation_dice(self) -> float | None: ...
    @property
    def steps(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def peak_bytes(self) -> int: ...
    @property
    def expected_bytes(self) -> int: ...
    @property
    def report(self) -> Path | None: ...
    @property
    def validation_hd95_mm(self) -> float | None: ...
    @property
    def validation_nsd(self) -> float | None: ...


class Machine(Protocol):
    """What `steps.env` returns."""

    @property
    def cores(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    @property
    def device(self) -> str: ...
    @property
    def gpus(self) -> tuple[str, ...]: ...
    @property
    def idle_gpus(self) -> tuple[str, ...]: ...
    @property
    def bf16(self) -> bool: ...
    @property
    def fix(self) -> str: ...


def show_check(dataset: Dataset, result: CheckResult, most: int = 8) -> None:
    """What was found, how it was paired, and every problem with its fix."""
    console = _console()
    console.print(f"{counted(len(dataset.cases), 'case')} ({len(dataset.labelled)} labelled), layout: {dataset.layout}")
    console.print(f"channels: {', '.join(dataset.channels)}", markup=False)
    if result.labels is not None:
        console.print(f"classes: {', '.join(result.labels.names)}", markup=False)
    for note in dataset.notes:
        console.print(f"  {note}", markup=False)
    table = Table("case", "images", "label", "patient", title="pairs (the first of them)")
    for case in dataset.cases[:most]:
        images = ", ".join(p.name for p in case.images)
        table.add_row(*map(escape, (case.name, images, case.label.name if case.label else "-", case.group or "-")))
    console.print(table)
    for problem in result.problems:
        colour = _COLOURS.get(problem.severity, "white")
        console.print(f"[{colour}]{problem.severity}[/] {escape(problem.case or 'data set')}: ", end="")
        console.print(problem.what, markup=False)
        for name, told in (("cause:", problem.cause), ("fix:  ", problem.fix)):
            if told:
                console.print(f"    {name} {told}", markup=False)
    console.print("[green]ready to train[/]" if result.ok else "[red]not ready: mend the errors above first[/]")


def show_training(result: Trained) -> None:
    """Where the run lies and how it went."""
    console = _console()
    if not result.complete:
        console.print(f"stopped after {result.steps} steps; continue with --resume -o {result.run}", markup=False)
        return
    dice = "-" if result.validation_dice is None else f"{result.validation_dice:.4f}"
    console.print(f"validation Dice {dice} after {result.steps} steps in {show_time(result.seconds)}")
    if result.validation_hd95_mm is not None and result.validation_nsd is not None:
        near = f"NSD {result.validation_nsd:.3f} at {DEFAULT_TOLERANCE_MM:g} mm"
        console.print(f"surfaces at the end: HD95 {result.validation_hd95_mm:.3g} mm, {near}")
    console.print(
        f"memory: {show_memory(result.peak_bytes)} at the peak, {show_memory(result.expected_bytes)} expected"
    )
    console.print(f"report: {result.report}", soft_wrap=True, markup=False)


def show_machine(machine: Machine, versions: Mapping[str, str]) -> None:
    """What is here, and what is wrong with it."""
    console = _console()
    for name, version in versions.items():
        console.print(f"{name:18} {version}")
    console.print(f"{'device':18} {machine.device}" + (f" ({', '.join(machine.gpus)})" if machine.gpus else ""))
    console.print(f"{'cores':18} {machine.cores}")
    console.print(f"{'memory available':18} {show_memory(machine.memory_bytes)}")
    console.print(f"{'bfloat16':18} {'native' if machine.bf16 else 'not native'}")
    if machine.idle_gpus:
        console.print(
            f"[bold red]THE CPU IS USED ALTHOUGH A GPU IS HERE ({', '.join(machine.idle_gpus)})[/]\n"
            "The installed torch cannot use it. Install one that can:"
        )
        console.print(f"    {machine.fix}", markup=False)


def _console() -> Console:
    """As wide as the terminal; wide enough for every table where there is none."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=140)
