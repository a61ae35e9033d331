"""`Progress`: how long work tells where it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on: what is being done, how much of it is done, of how much."""

    def __call__(self, phase: str, done: int, total: int) -> None:
        """One step further."""
        ...


def silent(phase: str, done: int, total: int) -> None:
    """Nobody listens."""
