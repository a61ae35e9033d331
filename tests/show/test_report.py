from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import RunError
from delineate.core.labels import Labels
from delineate.evaluate.findings import ClassLesions, Findings
from delineate.evaluate.table import summarise
from delineate.show.facts import RunFacts
from delineate.show.report import draw_gallery, render, write_report


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {}


@pytest.fixture
def page(facts: RunFacts, pages: dict[str, str]) -> str:
    if "full" not in pages:
        pages["full"] = render(facts)
    return pages["full"]


def test_page_is_well_formed_and_loads_nothing_from_elsewhere(page: str, well_formed: Callable[[str], None]) -> None:
    well_formed(page)


def test_page_holds_what_the_run_says(page: str) -> None:
    for text in (
        "liver &amp; kidneys", "left kidney &lt;b&gt;", "the median of the data set", "more than &lt;8&gt; GiB",
        "label one slice short", "resenc_unet", "24 × 64 × 64", "812 of 1,600", "low resolution", "9 min 0 s", "2.13.0",
        "2.5 GiB", "2 to train on, 1 to validate on", "4 of 5", "false alarms",
    ):  # fmt: skip
        assert text in page, text


def test_what_was_drawn_stands_beside_what_was_asked(page: str) -> None:
    row = page[page.index("around &lt;liver&gt;") :]
    row = row[: row.index("</tr>")]
    assert ">70<" in row and "70.0 %" in row and "50.0 %" in row


def test_names_are_escaped(page: str) -> None:
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(0)&lt;/script&gt;" in page


def test_errors_come_before_warnings(page: str) -> None:
    assert page.index("label one slice short") < page.index("class left kidney is empty")


def test_means_leave_absent_cases_out_and_hold_missed_ones(page: str) -> None:
    row = page[page.index('<td class="strong"><span') :]
    liver = row[: row.index("</tr>")]
    assert ">0.600<" in liver  # (0.9 + 0.8 + 0.7 + 0.6 + 0.0) / 5
    assert liver.count("<i ") == 5
    kidney = row[row.index("</tr>") :].split("</tr>")[1]
    assert ">0.700<" in kidney and kidney.count("<i ") == 4


def test_folds_are_told_beside_the_pooled_means(facts: RunFacts, page: str) -> None:
    rows = facts.scores.rows
    parts = {"fold 0": rows[:4], "fold 1": rows[4:]}
    tables = {title: summarise(mine) for title, mine in parts.items()}
    means = [t.foreground["dice"] for t in tables.values()]
    told = render(replace(facts, fold_scores=tables))
    assert f"fold 0 {means[0]:.3f}, fold 1 {means[1]:.3f}; over folds {np.mean(means):.3f} ± " in told
    assert f"± {np.std(means, ddof=1):.3f} (sd)" in told
    assert "over folds" not in page


def test_curves_have_notes_with_what_to_do(page: str) -> None:
    curves = page[page.index('<section id="curves">') : page.index('<section id="confusion">')]
    assert "still learning" in curves or "healthy" in curves or "too few cases" in curves
    assert "Seen:" in curves and "Means:" in curves and "delineate train DATA -o RUN-" in curves


def test_cases_are_listed_from_the_worst(page: str) -> None:
    table = page[page.index("Dice of every case, the worst first") :]
    table = table[: table.index("</table>")]
    # means: case9 0 (missed), case3 0.575, case2 0.675, case1 0.775, case0 0.875
    places = [table.index(f"<td>case{i}</td>") for i in (9, 3, 2, 1, 0)]
    assert places == sorted(places)


def test_distances_stand_beside_the_dice_where_they_were_measured(
    facts: RunFacts, page: str, well_formed: Callable[[str], None]
) -> None:
    assert "HD95 (mm)" not in page and "of the surfaces" not in page
    assert facts.scores is not None
    bare = replace(facts, cases=(), metrics={}, mosaic=None)
    rows = [
        r.model_copy(update={"values": {**r.values, "hd95": 4.0 if k % 2 else 23.4, "nsd": 0.75}})
        for k, r in enumerate(facts.scores.rows)
    ]
    every = render(replace(bare, scores=summarise(rows)))
    well_formed(every)
    assert every.count("HD95 (mm)</th>") == 2 and "within 2 mm" in every and "were measured in" not in every
    assert every.count(">23.4<") > 1 and every.count(">0.750<") > 2
    part = render(replace(bare, scores=summarise([*rows[:4], *facts.scores.rows[4:]])))
    assert "were measured in 2 of 5 cases" in part
    table = part[part.index("Dice of every case, the worst first") :]
    measured, not_measured = (table[table.index(f"<td>{c}</td>") :].split("</tr>")[0] for c in ("case1", "case3"))
    assert ">13.7<" in measured and ">0.750<" in measured
    assert not_measured.count(">–<") == 2


def test_error_maps_tell_the_largest_error(page: str) -> None:
    assert page.count("largest error: ") + page.count("Largest error: ") == 3
    assert "there, not marked" in page


def test_confusion_and_lesions_are_shown_with_their_counts(facts: RunFacts, well_formed: Callable[[str], None]) -> None:
    lesions = (
        ClassLesions(class_name="liver", cases=("a", "b"), volumes_ml=(900.0, 4.0), found=(True, False), false=3),
        ClassLesions(class_name="left kidney <b>", false=7),
    )
    names = ("background", "liver", "left kidney <b>")
    findings = Findings(
        names=names, confusion=((70, 3, 0), (5, 10, 5), (0, 0, 0)), lesions=lesions, cases=("a", "b"), total=4
    )
    page = render(replace(facts, cases=(), metrics={}, mosaic=None, findings=findings))
    assert "over 2 of 4 validation cases" in page
    assert 'title="5 of 20 voxels of liver were marked left kidney &lt;b&gt;"' in page and ">25.0 %<" in page
    assert "<title>b: 4 ml, missed</title>" in page and "liver: 1 of 2 found" in page
    row = page[page.index('<section id="lesions">') :].split("</tr>")[2]
    assert "left kidney" in row and ">7<" in row and row.count(">–<") == 3
    well_formed(page)


def test_a_page_has_no_more_pictures_than_can_be_sent(facts: RunFacts) -> None:
    views = draw_gallery(facts.cases, facts.labels, most_bytes=1)
    assert [bool(v.pictures) for v in views] == [True, False, False]
    assert "pictures enough" in views[1].note and views[0].title == "worst"


def test_pictures_are_inside(page: str) -> None:
    # 3 cases x 3 planes and 3 error maps, 5 curves, 1 mosaic
    assert page.count('src="data:image/png;base64,') == 24


def test_a_run_without_anything_still_gives_a_page(well_formed: Callable[[str], None]) -> None:
    page = render(RunFacts(title="empty", labels=Labels.exclusive({1: "thing"})))
    well_formed(page)
    for text in (
        "No validation scores", "No predicted cases", "No training steps", "not fingerprinted", "check was not run",
        "No split", "no plan yet", "No augmented patches", "No timings", "Memory was not measured", "No versions",
        "confusion was not counted", "Lesions were not looked for", "Calibration was not measured",
    ):  # fmt: skip
        assert text in page, text


def test_a_clean_check_says_so(facts: RunFacts) -> None:
    assert "nothing to complain about" in render(RunFacts(title="x", labels=facts.labels, problems=()))


def test_written_whole_under_the_name_given(facts: RunFacts, tmp_path: Path) -> None:
    small = replace(facts, cases=(), metrics={}, mosaic=None)
    path = write_report(small, tmp_path / "deep" / "report.html")
    assert path == tmp_path / "deep" / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_a_missing_run_file_is_told(facts: RunFacts, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"gone\.json cannot be read"):
        render(replace(facts, plan=tmp_path / "gone.json"))


def test_torch_and_matplotlib_are_not_loaded_by_the_import() -> None:
    code = (
        "import sys, delineate.show.report; print([m for m in ('torch', 'matplotlib', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
