"""Parts of the cases, by columns of a file and by size."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from delineate.core.errors import UsageError
from delineate.evaluate.score import ClassScore
from delineate.evaluate.subgroups import parse_size_bins, read_groups, split_by_groups, split_by_size
from delineate.evaluate.table import summarise


def rows(cases: int = 6) -> tuple[ClassScore, ...]:
    """Case i has a liver of i + 1 ml with Dice 0.i; the last one lacks the lesion, the first one's was missed."""
    made = []
    for i in range(cases):
        lesion = "missed" if i == 0 else "absent" if i == cases - 1 else "present"
        value = {"missed": 0.0, "absent": 1.0, "present": 0.5}[lesion]
        size = 0.0 if lesion == "absent" else 100.0 * (i + 1)
        made.append(_score(f"p{i}", "liver", "present", i / 10, i + 1.0))
        made.append(_score(f"p{i}", "lesion", lesion, value, size))
    return tuple(made)


def _score(case: str, name: str, state: str, dice: float, size: float) -> ClassScore:
    return ClassScore(case=case, class_name=name, state=state, values={"dice": dice, "truth_volume_ml": size})


def test_every_column_and_value_has_the_numbers_of_its_cases(tmp_path: Path) -> None:
    file = tmp_path / "groups.csv"
    file.write_text("\ufeffcase,scanner,site\np0,GE,x\np1,Siemens,x\np2,GE,\np3,GE,y\nelsewhere,GE,y\n\n  \n", "utf-8")
    found, notes = split_by_groups(rows(), read_groups(file))
    assert [(g.column, g.value, g.cases) for g in found] == [
        ("scanner", "GE", 3), ("scanner", "Siemens", 1), ("scanner", "not given", 2),
        ("site", "x", 2), ("site", "y", 1), ("site", "not given", 3),
    ]  # fmt: skip
    ge = found[0]
    alone = summarise(r for r in rows() if r.case in ("p0", "p2", "p3"))
    assert (ge.classes, ge.foreground, ge.foreground_intervals) == (
        alone.classes, alone.foreground, alone.foreground_intervals,
    )  # fmt: skip
    assert (ge.classes[1].n, ge.classes[1].missed) == (3, 1)
    assert sum(g.cases for g in found if g.column == "site") == 6
    assert notes == (
        "no row in the groups, so counted as not given: p4, p5",
        "in the groups, but not evaluated: elsewhere",
    )


def test_size_by_tertiles_of_each_class() -> None:
    small, middle, large, none = split_by_size(rows())
    assert [g.value for g in (small, middle, large, none)] == [
        "smallest third", "middle third", "largest third", "no truth",
    ]  # fmt: skip
    assert [c.class_name for c in small.classes] == ["liver", "lesion"]
    assert [g.classes[0].n for g in (small, middle, large)] == [2, 2, 2]
    assert small.classes[0].metrics["dice"].mean == pytest.approx(0.05)
    assert (none.cases, none.classes[0].class_name, none.classes[0].absent) == (1, "lesion", 1)


def test_tertiles_are_of_the_cases_that_have_the_class_and_equal_sizes_stay_together() -> None:
    def thirds(*sizes: float) -> list[tuple[str, int]]:
        made = [_score(f"p{i:02}", "a", "present" if s else "false alarm", 0.5, s) for i, s in enumerate(sizes)]
        return [(g.value.split()[0], g.cases) for g in split_by_size(made)]

    assert thirds(*range(1, 10), *[0] * 6) == [("smallest", 3), ("middle", 3), ("largest", 3), ("no", 6)]
    assert thirds(*range(1, 13)) == [("smallest", 4), ("middle", 4), ("largest", 4)]
    assert thirds(1, 2, 3, 4) == [("smallest", 2), ("middle", 1), ("largest", 1)]  # an edge is of the smaller group
    assert thirds(5, 5, 5) == [("smallest", 3)]


def test_size_by_edges_of_which_each_belongs_to_the_larger() -> None:
    found = {g.value: g for g in split_by_size(rows(), (2.0, 100.0))}
    assert list(found) == ["below 2 ml", "2 to 100 ml", "100 ml and more", "no truth"]
    assert [c.n for c in found["below 2 ml"].classes] == [1]
    assert [c.n for c in found["2 to 100 ml"].classes] == [5]
    assert [(c.class_name, c.n, c.missed) for c in found["100 ml and more"].classes] == [("lesion", 5, 1)]
    assert sum(c.n + c.absent for g in found.values() for c in g.classes) == 12


def test_bins_as_they_are_typed() -> None:
    assert parse_size_bins("tertiles") is None
    assert parse_size_bins("1, 10,50.5") == (1, 10, 50.5)
    for text in ("", "thirds", "10,1", "0,1", "1,1", "nan", "1,nan,2", "1,inf"):
        with pytest.raises(UsageError):
            parse_size_bins(text)
    with pytest.raises(UsageError, match="truth_volume_ml"):
        split_by_size([ClassScore(case="p", class_name="a", state="present", values={"dice": 1.0})])


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "groups.csv"
    with pytest.raises(UsageError, match="cannot be read"):
        read_groups(file)
    for text, message in (
        ("", "no column"), ("case\np0\n", "no column"), ("case,site\np0\n", "cells"), ("case,a,a\np0,1,2\n", "twice"),
        ("case,a\np0,1\np0,2\n", "twice"),
    ):  # fmt: skip
        file.write_text(text)
        with pytest.raises(UsageError, match=message):
            read_groups(file)
    file.write_text("case,site\nnobody,x\n")
    with pytest.raises(UsageError, match="name none of the 6 cases"):
        split_by_groups(rows(), read_groups(file))


def test_a_table_writes_its_subgroups(tmp_path: Path) -> None:
    table = summarise(rows())
    table = table.model_copy(update={"subgroups": split_by_size(table.rows)})
    table.save_json(tmp_path / "t.json")
    assert type(table).load(tmp_path / "t.json") == table
    table.save_subgroups_csv(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == sum(len(g.classes) for g in table.subgroups)
    assert (lines[0]["column"], lines[0]["value"], lines[0]["class"]) == ("size", "smallest third", "liver")
    assert float(lines[0]["dice_mean"]) == pytest.approx(0.05)
