"""How this program's threads share work and wait for one another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

_POLICY, _SPINS = "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"
_TURNS = "10000"
"""About a tenth of a millisecond: longer than threads wait on a machine of their own, far shorter than another program
keeps a core."""


def spin_briefly() -> None:
    """Have OpenMP's threads (GNU's, which torch brings on Linux) fall asleep soon while they wait for one another; a
    person's own settings win.

    They are read once, when torch is loaded: call this before. By default threads spin for milliseconds. On a machine
    that others use as well they then hold the very core the last of them needs: training steps were measured to take
    five to fifty times as long under heavy load (see benchmarks/results/threads.md).
    """
    if _POLICY not in os.environ:
        os.environ.setdefault(_SPINS, _TURNS)


def cpus() -> int:
    """The processors this process may use: schedulers give a program fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(work: Callable[[In], Out], items: Iterable[In], workers: int) -> Iterator[Out]:
    """``work`` of each item, in the order of the items, at most ``workers`` at a time."""
    if workers <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, items)
