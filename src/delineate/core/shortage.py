"""The errors by which Python, its libraries and the system say that the memory ran out, as one a person can act on."""

from __future__ import annotations

import errno

from delineate.core.errors import BudgetError

_TOLD = ("DefaultCPUAllocator", "out of memory", "Failed to allocate memory")
"""Of the memory of the processor torch says so in a plain RuntimeError, of a device's in one of its own class;
SimpleITK has no other class."""
_LONGEST = 200


def shortage(error: BaseException) -> BudgetError | None:
    """The error to tell where ``error`` means that no memory was left; None for every other."""
    if not ran_out(error):
        return None
    lines = str(error).splitlines() or [""]
    told = next((line for line in lines if any(words in line for words in _TOLD)), lines[0])[:_LONGEST]
    return BudgetError(
        "the memory ran out" + (f": {told}" if told else ""),
        "as much free memory as --memory says, or without it as was free at the beginning",
        "close other programs and run it again with a lower --memory; what was finished is kept, and train goes on "
        "with --resume",
    )


def ran_out(error: BaseException) -> bool:
    """Whether ``error`` means that no memory was left."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _TOLD)
    )
