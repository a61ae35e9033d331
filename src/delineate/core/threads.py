"""`wait_asleep`: how this program's threads wait for one another."""

from __future__ import annotations

import os

_POLICY = "OMP_WAIT_POLICY"


def wait_asleep() -> None:
    """Have OpenMP's threads sleep while they wait for one another instead of spinning; a person's own setting wins.

    It is read once, when torch is loaded: call this before. Threads that spin hold the very core the last of them needs
    as soon as any other program wants one: measured, training steps take two to fifty times as long then, and only
    some percent longer than alone if they sleep (see benchmarks/results/threads.md).
    """
    os.environ.setdefault(_POLICY, "PASSIVE")
