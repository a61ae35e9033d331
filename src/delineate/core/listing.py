"""`listed`: names within a sentence."""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[object], most: int = 8) -> str:
    """``a, b, c and 14 more``: the first ``most`` names, and how many more there are."""
    every = [str(n) for n in names]
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
