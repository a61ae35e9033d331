"""Models over the same cases: what is compared, what is left out, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import UnknownNameError, UsageError
from delineate.evaluate.comparison import Comparison, compare_tables
from delineate.evaluate.ranking import critical_difference
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise


def table(values: dict[tuple[str, str], float | str], metric: str = "dice") -> ScoreTable:
    """A number is a present class; a word its state, with the value of the rule."""
    scores = {"absent": 1.0, "missed": 0.0, "false alarm": 0.0}
    return summarise(
        ClassScore(
            case=case, class_name=name, state=value if isinstance(value, str) else "present",
            values={metric: scores[value] if isinstance(value, str) else value, "volume_ml": 1.0},
        )
        for (case, name), value in values.items()
    )  # fmt: skip


def many(shift: float, seed: int = 0, cases: int = 20) -> ScoreTable:
    rng = np.random.default_rng(seed)
    base = np.random.default_rng(99).uniform(0.5, 0.9, (cases, 2))
    values = np.clip(base + shift + rng.normal(0, 0.01, base.shape), 0, 1)
    return table({(f"p{i:02}", n): float(values[i, k]) for i in range(cases) for k, n in enumerate("ab")})


def test_by_hand() -> None:
    one = table({("p", "a"): 0.8, ("p", "b"): 0.6, ("q", "a"): 0.4, ("q", "b"): "absent"})
    two = table({("p", "a"): 0.9, ("p", "b"): "missed", ("q", "a"): 0.4, ("q", "b"): "false alarm"})
    found = compare_tables({"one": one, "two": two})
    assert found.cases == ("p", "q")
    assert found.scores == {"one": (pytest.approx(0.7), pytest.approx(0.7)), "two": (0.45, 0.2)}
    best, other = found.models
    assert (best.name, best.score.mean, best.average_rank) == ("one", pytest.approx(0.7), 1)
    assert (other.missed, other.false_alarm, other.rank_shares) == (1, 1, (0, 1))
    (pair,) = found.pairs
    assert (pair.first, pair.difference, pair.wins) == ("one", pytest.approx(0.375), 2)
    assert any("cannot show a difference" in note for note in found.notes)
    by_class = compare_tables({"one": one, "two": two}, class_name="a")
    assert by_class.scores == {"one": (0.8, 0.4), "two": (0.9, 0.4)}
    assert (by_class.models[0].name, by_class.pairs[0].ties) == ("two", 1)


def test_a_class_that_nobody_has_in_a_case_is_left_out_and_told() -> None:
    one = table({("p", "a"): 0.8, ("q", "a"): "absent", ("r", "a"): "absent"})
    two = table({("p", "a"): 0.7, ("q", "a"): "absent", ("r", "a"): "false alarm"})
    found = compare_tables({"one": one, "two": two})
    assert (found.cases, found.left_out) == (("p", "r"), ("q",))
    assert found.scores == {"one": (0.8, 1.0), "two": (0.7, 0.0)}
    assert found.notes[0].endswith("has the class: q")


def test_a_real_difference_is_found_and_survives_json(tmp_path: Path) -> None:
    tables = {"plain": many(0), "better": many(0.03, 1), "same": many(0, 2)}
    found = compare_tables(tables, seed=3)
    assert found.models[0].name == "better" and found.models[0].rank_shares[0] == 1
    assert {p.better for p in found.pairs if "better" in (p.first, p.second)} == {"better"}
    assert next(p.better for p in found.pairs if "better" not in (p.first, p.second)) is None
    assert found.ranking.friedman_p < 1e-4 and set(found.ranking.groups[-1]) == {"plain", "same"}
    assert found == compare_tables(tables, seed=3)
    found.save(tmp_path / "c.json")
    assert Comparison.load(tmp_path / "c.json") == found


def test_lower_is_better_for_distances() -> None:
    near, far = (table({(f"p{i}", "a"): d + i / 10 for i in range(8)}, "hd95") for d in (2.0, 5.0))
    found = compare_tables({"far": far, "near": near}, "hd95")
    assert (found.models[0].name, found.unit, found.tie_margin) == ("near", "mm", 0)
    assert (found.pairs[0].better, found.pairs[0].difference, found.pairs[0].wins) == ("near", pytest.approx(-3), 8)


def test_different_cases_are_refused_or_intersected_and_told() -> None:
    tables = {"all": many(0), "fewer": many(0.01, cases=18)}
    with pytest.raises(UsageError, match=r"only some models have what all has: p18 \(a\)"):
        compare_tables(tables)
    found = compare_tables(tables, anyway=True)
    assert len(found.cases) == 18
    assert found.notes[0].startswith("left out: only some models have what all has")


def test_refusals() -> None:
    fine = many(0)
    for tables, arguments, message in (
        ({"a": fine}, {}, "1 table to compare"),
        ({"a": fine, "b": fine}, {"metric": "volume_ml"}, "how much, not how well"),
        ({"a": fine, "b": fine}, {"metric": "iou"}, "a has no iou"),
        ({"a": fine, "b": fine}, {"class_name": "c"}, "a has no class c"),
        ({"a": fine, "b": table({("elsewhere", "a"): 0.5})}, {"anyway": True}, "no case in which"),
        ({"a": fine, "b": table({("p00", "a"): float("nan")})}, {"anyway": True}, "no numbers"),
    ):
        with pytest.raises(UsageError, match=message):
            compare_tables(tables, **arguments)
    with pytest.raises(UnknownNameError):
        compare_tables({"a": fine, "b": fine}, "dicce")


def test_emptying_a_prediction_never_makes_a_model_look_better() -> None:
    plain, other = many(0), many(0.002, 1)
    emptied = summarise(
        r.model_copy(update={"state": "missed", "values": {"dice": 0.0, "volume_ml": 1.0}}) if r.case == "p03" else r
        for r in plain.rows
    )
    before, after = (compare_tables({"it": t, "other": other}) for t in (plain, emptied))
    old, new = (next(m for m in c.models if m.name == "it") for c in (before, after))
    assert new.score.mean < old.score.mean and new.average_rank >= old.average_rank
    assert new.rank_shares[0] <= old.rank_shares[0] and new.missed == 2


def test_what_few_cases_cannot_show_is_told_for_all_pairs_together() -> None:
    tables = {n: many(s, i, cases=6) for i, (n, s) in enumerate({"a": 0.0, "b": 0.1, "c": 0.2}.items())}
    found = compare_tables(tables)
    assert "with 6 cases and 3 pairs no signed-rank p can fall below 0.0938" in found.notes[-1]
    assert compare_tables({n: tables[n] for n in "ab"}).notes == ()  # 2 / 64 is below 0.05
    assert compare_tables(tables, alpha=0.1).notes == ()


def test_alpha_is_that_of_the_ranking_too() -> None:
    tables = {"a": many(0), "b": many(0, 1), "c": many(0, 2)}
    for alpha in (0.05, 0.2):
        found = compare_tables(tables, alpha=alpha)
        assert (found.alpha, found.ranking.critical_difference) == (alpha, critical_difference(3, 20, alpha))
