from __future__ import annotations

import pytest

from delineate.train.choice import Choice


def of(*scores):
    return dict(zip("abcdefgh", scores, strict=False))


def mean(cases):
    return sum(cases.values()) / len(cases)


def taken(*validations):
    """Which of the validations was kept at the end, by number."""
    choice, kept = Choice(), None
    for number, cases in enumerate(validations):
        if choice.takes(mean(cases), number, cases):
            kept = number
    assert choice.step == kept and choice.score == mean(validations[kept])
    return kept


def test_the_first_is_taken():
    assert taken(of(0.0, 0.0)) == 0


def test_a_better_one_is_taken():
    assert taken(of(0.5, 0.6), of(0.6, 0.7)) == 1


@pytest.mark.parametrize(("worse", "kept"), [(of(0.79, 0.72, 0.88, 0.61), 1), (of(0.78, 0.69, 0.87, 0.58), 0)])
def test_a_lower_mean_is_kept_back_only_where_the_cases_agree_on_it(worse, kept):
    best = of(0.8, 0.7, 0.9, 0.6)  # -0.01 0.02 -0.02 0.01: no difference; -0.02 -0.01 -0.03 -0.02: mean 0.02 of 0.004
    assert taken(best, worse) == kept


def test_two_standard_errors_are_the_limit():
    """Differences of 0.01 and 0.03 have a standard error of 0.01, half their mean: farther apart more, nearer less."""
    assert taken(of(0.5, 0.5), of(0.49, 0.4699)) == 1
    assert taken(of(0.5, 0.5), of(0.4899, 0.4701)) == 0


def test_slow_decline_is_measured_against_the_best_not_against_the_one_before():
    """The second swings by 0.05 about the first and the third lies 0.03 below the first in every case: from the second
    to the third it is -0.02, 0.08, -0.02 and 0.06, which is chance."""
    first, second = of(0.80, 0.70, 0.90, 0.60), of(0.75, 0.75, 0.85, 0.63)
    third = of(0.77, 0.67, 0.87, 0.57)
    assert taken(second, third) == 1  # the third is taken where there is no first
    assert taken(first, second, third) == 1  # and the second kept where there is


def test_only_cases_scored_both_times_are_compared():
    best, later = of(0.8, 0.7), {"a": 0.8, "b": 0.7, "z": 0.0}
    assert taken(best, later) == 1


@pytest.mark.parametrize("later", [{}, {"z": 0.1}, {"a": 0.2}])
def test_without_cases_to_compare_the_scores_decide(later):
    choice = Choice()
    assert choice.takes(0.5, 1, {"a": 0.5}) and not choice.takes(0.4, 2, later)
    assert choice.takes(0.5, 3, later) and choice.step == 3


def test_it_tells_of_weights_that_are_not_those_of_the_end():
    choice = Choice()
    assert choice.tell(0) is None
    choice.takes(0.75, 100, {})
    assert choice.tell(100) is None
    told = choice.tell(250)
    assert told is not None and "step 100" in told and "0.750" in told and "step 250" in told
