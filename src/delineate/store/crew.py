"""How many cases fit the memory side by side; or a refusal before anything starts."""

from __future__ import annotations

from collections.abc import Sequence

from delineate.core.errors import BudgetError
from delineate.core.memory import fitting
from delineate.core.units import show_memory


def choose_crew(
    sizes: Sequence[int], names: Sequence[str], budget_bytes: int, own_bytes: int, process_bytes: int
) -> int:
    """How many processes of ``process_bytes`` each, beside this one of ``own_bytes``, can work on jobs of ``sizes`` at
    the same time; 1 where only this process itself can.

    Raises:
        BudgetError: the largest job does not even fit alone.
    """
    room = budget_bytes - own_bytes
    largest = max(range(len(sizes)), key=lambda i: sizes[i])
    if sizes[largest] > room:
        raise BudgetError(
            f"preparing case {names[largest]} takes {show_memory(sizes[largest])} beside the "
            f"{show_memory(own_bytes)} of the program itself, and {show_memory(budget_bytes)} may be used",
            f"at least {show_memory(sizes[largest] + own_bytes)}",
            "give more with --memory, or leave this case out",
        )
    return max(1, fitting([s + process_bytes for s in sizes], room))
