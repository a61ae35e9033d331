"""`spin_briefly`: how this program's threads wait for one another."""

from __future__ import annotations

import os

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
