"""What a person sees of a run while it runs and afterwards: a progress line, ``metrics.csv``, TensorBoard."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TextIO

from delineate.core.files import atomic_path
from delineate.core.units import GIB, show_time

COLUMNS = ("step", "seconds", "phase", "loss", "lr", "patches_per_s", "memory_gib", "validation_dice", "note")


class Watch(Protocol):
    """Hears of every epoch and validation."""

    def heard(self, row: dict[str, float | str]) -> None:
        """One row, with some of `COLUMNS`."""

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """The run is at ``step`` of ``total``."""


class CsvWatch:
    """Appends rows to ``metrics.csv``; a resumed run drops the rows its checkpoint had not seen."""

    def __init__(self, path: Path, from_step: int) -> None:
        kept = _rows_until(path, from_step)
        with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(kept)
        self._file: TextIO = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, COLUMNS)

    def heard(self, row: dict[str, float | str]) -> None:
        """One more row."""
        self._writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})
        self._file.flush()

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """Nothing to write."""

    def close(self) -> None:
        """No more rows."""
        self._file.close()


class TensorBoardWatch:
    """Scalars for TensorBoard; it never leaves the machine."""

    def __init__(self, folder: Path, from_step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._event, self._summary = Event, Summary
        self._writer = EventFileWriter(str(folder), filename_suffix=f".{from_step}")

    def heard(self, row: dict[str, float | str]) -> None:
        """Each number of the row as a scalar."""
        values = [
            self._summary.Value(tag=name, simple_value=value)
            for name, value in row.items()
            if isinstance(value, float) and name != "seconds"
        ]
        event = self._event(wall_time=time.time(), step=int(row["step"]), summary=self._summary(value=values))
        self._writer.add_event(event)

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """Nothing to draw."""

    def close(self) -> None:
        """No more scalars."""
        self._writer.close()


class LogWatch:
    """Lines in ``log.txt``: one every ``period_s`` seconds and one for every validation."""

    def __init__(self, path: Path, period_s: float = 10.0) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._period_s, self._told_s = period_s, 0.0

    def heard(self, row: dict[str, float | str]) -> None:
        """Validations are written at once."""
        if row.get("phase") == "validate":
            self._write(_tell_validation(row))

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """A line when one is due."""
        if time.monotonic() - self._told_s >= self._period_s:
            self._told_s = time.monotonic()
            self._write(f"step {step}/{total}  {_tell(row)}")

    def close(self) -> None:
        """No more lines."""
        self._file.close()

    def tell(self, line: str) -> None:
        """A line that is neither a step nor a score."""
        self._write(line)

    def _write(self, line: str) -> None:
        self._file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {line}\n")
        self._file.flush()


class BarWatch:
    """A bar on a terminal; in a log, a line every ``period_s`` seconds."""

    def __init__(self, period_s: float = 10.0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._console = console
        self._live = console.is_terminal
        self._period_s, self._told_s = period_s, 0.0
        self._started = time.monotonic()
        self._progress = Progress(
            TextColumn("training"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(), TextColumn("{task.fields[told]}"), console=console,
        )  # fmt: skip
        self._task = self._progress.add_task("training", total=None, told="")

    def __enter__(self) -> BarWatch:
        if self._live:
            self._progress.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._progress.stop()

    def heard(self, row: dict[str, float | str]) -> None:
        """Validations are told at once."""
        if row.get("phase") == "validate":
            line = _tell_validation(row)
            console = self._progress.console if self._live else self._console
            console.print(line, highlight=False, markup=False, soft_wrap=True)

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """Move the bar, or print a line when one is due."""
        told = _tell(row)
        if self._live:
            self._progress.update(self._task, completed=step, total=total, told=told)
        elif time.monotonic() - self._told_s >= self._period_s:
            self._told_s = time.monotonic()
            elapsed = show_time(self._told_s - self._started)
            self._console.print(f"training {step}/{total}  {elapsed}  {told}", highlight=False, soft_wrap=True)


class Watches:
    """Several watches as one."""

    def __init__(self, *watches: Any) -> None:
        self._watches = watches

    def heard(self, row: dict[str, float | str]) -> None:
        """All hear it."""
        for watch in self._watches:
            watch.heard(row)

    def moved(self, step: int, total: int, row: dict[str, float | str]) -> None:
        """All see it."""
        for watch in self._watches:
            watch.moved(step, total, row)


def memory_gib(size_bytes: int) -> float:
    """Bytes in GiB."""
    return size_bytes / GIB


def _tell(row: dict[str, float | str]) -> str:
    if "loss" not in row:
        return ""
    return (
        f"loss {row['loss']:.4f}  lr {row['lr']:.2e}  {row['patches_per_s']:.1f} patches/s  {row['memory_gib']:.1f} GiB"
    )


def _tell_validation(row: dict[str, float | str]) -> str:
    note = f"; {row['note']}" if row.get("note") else ""
    return f"step {row['step']}: validation Dice {row['validation_dice']:.4f}{note}"


def _rows_until(path: Path, step: int) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [r for r in csv.DictReader(file) if (r.get("step") or "").isdigit() and int(r["step"]) <= step]
