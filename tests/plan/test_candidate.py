from __future__ import annotations

import pytest

from delineate.core.labels import Labels
from delineate.plan import candidate
from delineate.plan.candidate import candidates
from delineate.plan.planner import Budget, make_plan


@pytest.mark.parametrize(("ids", "size"), [(2, 1), (299, 2)])
def test_the_store_is_counted_with_ids_of_the_size_they_have(words, monkeypatch, ids, size):
    finger, budget = words.hippocampus(), Budget(2**36)
    labels = Labels.exclusive({n: f"part {n}" for n in range(1, ids + 1)})
    base = make_plan(finger, labels, words.wanted(), budget)
    counted = []
    monkeypatch.setattr(candidate, "store_bytes", lambda *told: counted.append(told[3]) or 0)
    assert next(candidates(base, finger, words.wanted(), budget)) and counted == [size]
