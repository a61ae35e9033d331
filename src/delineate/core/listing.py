"""`listed` and `counted`: names and numbers within a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[object], most: int = 8) -> str:
    """``a, b, c and 14 more``: the first ``most`` names, and how many more there are."""
    every = [str(n) for n in names]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def counted(n: int, noun: str) -> str:
    """``1 case``, ``2 cases``, ``0 losses``: the number and its noun."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{n} {noun if n == 1 else plural}"
