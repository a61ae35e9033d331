from __future__ import annotations

import pytest

from delineate.core.errors import BudgetError
from delineate.store.crew import choose_crew


def test_processes_cost_too_and_this_one_needs_none():
    assert choose_crew([10, 10, 10], "abc", 100, 20, 30) == 2
    assert choose_crew([10, 10, 10], "abc", 30, 20, 30) == 1
    assert choose_crew([1, 10], "ab", 1000, 20, 30) == 2


def test_a_case_that_never_fits_is_refused_by_name():
    with pytest.raises(BudgetError, match="case large takes 10 MiB") as told:
        choose_crew([2**20, 10 * 2**20], ["small", "large"], 25 * 2**20, 16 * 2**20, 0)
    assert told.value.expected == "at least 26 MiB"
