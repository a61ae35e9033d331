"""`RunFolder`: where everything of one training lies."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from delineate.core.errors import RunError, RunExistsError
from delineate.core.files import UNFINISHED


@dataclass(frozen=True)
class RunFolder:
    """The names inside a run folder; see docs/run-folder.md."""

    root: Path

    @property
    def config(self) -> Path:
        """What was asked for."""
        return self.root / "config.toml"

    @property
    def data(self) -> Path:
        """The cases that were found."""
        return self.root / "data.json"

    @property
    def check(self) -> Path:
        """What the check found."""
        return self.root / "check.json"

    @property
    def fingerprint(self) -> Path:
        """The data set in numbers."""
        return self.root / "fingerprint.json"

    @property
    def plan(self) -> Path:
        """What was decided."""
        return self.root / "plan.json"

    @property
    def splits(self) -> Path:
        """Who trains and who validates."""
        return self.root / "splits.json"

    @property
    def summary(self) -> Path:
        """How it went."""
        return self.root / "summary.json"

    @property
    def log(self) -> Path:
        """What happened when."""
        return self.root / "log.txt"

    @property
    def report(self) -> Path:
        """The page to look at."""
        return self.root / "report.html"

    @property
    def prepared(self) -> Path:
        """The prepared cases."""
        return self.root / "prepared"

    def fold(self, number: int) -> Path:
        """One fold's checkpoints, metrics and scores."""
        return self.root / "folds" / str(number)

    @property
    def folds(self) -> tuple[int, ...]:
        """The folds that were begun."""
        return tuple(sorted(int(p.name) for p in (self.root / "folds").glob("*") if p.name.isdigit()))

    def begin(self) -> None:
        """Make the folder for a new run. One that stopped before anything was planned is begun again.

        Raises:
            RunExistsError: it holds another run, or files that are none of ours.
        """
        if self.root.is_file():
            raise RunExistsError(f"{self.root} is a file", "a folder for the run", "choose another path with -o")
        if self.plan.exists() or self.folds:
            raise RunExistsError(
                f"{self.root} already holds a run",
                "a new or empty folder",
                "continue that run with --resume, or choose another folder with -o; nothing was changed",
            )
        there = [p for p in self.root.glob("*") if not p.name.startswith(UNFINISHED)]
        if there and not self.config.exists():
            raise RunExistsError(
                f"{self.root} is not empty and holds no run",
                "a new or empty folder",
                "choose another folder with -o; nothing was changed",
            )
        self.root.mkdir(parents=True, exist_ok=True)
        self.tidy()
        shutil.rmtree(self.prepared, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what a killed process left half written; `prepared` is looked after where it is written."""
        for half in (*self.root.glob(f"{UNFINISHED}*"), *(self.root / "folds").rglob(f"{UNFINISHED}*")):
            half.unlink(missing_ok=True)

    def need(self) -> None:
        """
        Raises:
            RunError: there is no run here.
        """
        if not self.config.exists():
            raise RunError(f"{self.root} holds no run", "the folder that `delineate train -o` wrote", "check the path")
