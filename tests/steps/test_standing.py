"""What is told beside the models of a study."""

from __future__ import annotations

from delineate.steps.standing import compare_all


def test_one_model_is_compared_with_nothing():
    made, notes = compare_all({})
    assert made == () and "nothing can be tested" in notes[0]
