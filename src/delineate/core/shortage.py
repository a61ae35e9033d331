"""The errors by which Python, torch and the system say that the memory ran out, as one a person can act on."""

from __future__ import annotations

import errno

from delineate.core.errors import BudgetError

_TORCH = ("DefaultCPUAllocator", "out of memory")
"""Of the memory of the processor torch says so in a plain RuntimeError, of a device's in one of its own class."""
_LONGEST = 200


def shortage(error: BaseException) -> BudgetError | None:
    """The error to tell where ``error`` means that no memory was left; None for every other."""
    if not _ran_out(error):
        return None
    told = next(iter(str(error).splitlines()), "")[:_LONGEST]
    return BudgetError(
        "the memory ran out" + (f": {told}" if told else ""),
        "as much free memory as --memory says, or without it as was free at the beginning",
        "close other programs and run it again with a lower --memory; what was finished is kept, and train goes on "
        "with --resume",
    )


def _ran_out(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _TORCH)
    )
