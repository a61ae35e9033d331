from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import CheckResult, Problem
from delineate.dataset.histogram import BINS, IntensityHistogram
from delineate.dataset.outliers import Outlier
from delineate.dataset.profile import CaseProfile, Profile
from delineate.show.datareport import MOST_ROWS, DataFacts, render_data, write_datareport


@pytest.fixture(scope="module")
def page(data_facts: DataFacts) -> str:
    return render_data(data_facts)


def section(page: str, name: str) -> str:
    start = page.index(f'<section id="{name}">')
    return page[start : page.index("</section>", start)]


def test_the_page_is_well_formed_and_loads_nothing(page: str, well_formed: Callable[[str], None]) -> None:
    well_formed(page)


def test_names_are_escaped(page: str) -> None:
    for bad in ("<kidneys>", "kidney <b>", "_<3>", "a <note>", "<b>first"):
        assert bad not in page
    for good in ("liver &amp; &lt;kidneys&gt;", "left kidney &lt;b&gt;", "a &lt;note&gt;", "a &amp; b"):
        assert good in page, good


def test_what_the_data_hold_is_on_the_page(page: str) -> None:
    assert "7 patients in 8 cases" in section(page, "patients")
    assert "p1_&lt;0&gt;, p1_&lt;1&gt;" in section(page, "patients")
    classes = section(page, "classes")
    assert "8 of 8" in classes and "7 of 8" in classes and "size in ml" in classes and "1 to 5" in classes
    rows = re.findall(r"<tr>(.*?)</tr>", classes[classes.index("Cases that hold both") :], re.DOTALL)
    assert [re.findall(r">(\d+)<", row) for row in rows[1:]] == [["8", "7"], ["7", "7"]]
    assert ">2.5<" in section(page, "grids") and ">9<" in section(page, "grids")
    assert "declared" in section(page, "labels")


def test_the_odd_case_is_named_with_the_reason(page: str) -> None:
    odd = section(page, "odd")
    assert "1 case with a robust z" in odd
    for what in ("spacing along z", "median intensity of CT", "parts of liver"):
        assert what in odd, what
    assert "9 mm" in odd and "2.5 mm" in odd and "p7_&lt;7&gt;" in odd


def test_each_dot_of_a_strip_counts_its_cases(page: str) -> None:
    dots = re.findall(r'title="([\d,]+) cases?: ', section(page, "grids"))
    assert sum(int(d) for d in dots) == 6 * 8


def test_a_histogram_is_a_path_of_its_shares(page: str) -> None:
    path = re.search(r'<path class="inside" d="([^"]+)"', section(page, "intensities"))
    assert path is not None
    heights = [40 - float(y) for y in re.findall(r"L[\d.]+ ([\d.]+)", path[1])[:-1:2]]
    assert len(heights) == BINS and max(heights) == pytest.approx(38)


def test_errors_stand_first(data_facts: DataFacts) -> None:
    problems = [Problem(severity=s, check="c", case="x", what=f"it is {s}") for s in ("note", "error", "warning")]
    page = render_data(replace(data_facts, result=data_facts.result.model_copy(update={"problems": tuple(problems)})))
    places = [page.index(f"it is {s}") for s in ("error", "warning", "note")]
    assert places == sorted(places) and "mend the errors first" in page


def test_an_empty_data_set_still_gives_a_page(well_formed: Callable[[str], None]) -> None:
    nothing = Profile(flat=False, class_names=(), cases=(), histograms=(), together=(), outliers=())
    data = Dataset(root=Path("x"), layout="t", channels=("CT",), cases=())
    page = render_data(DataFacts("empty", data, CheckResult(problems=(), labels=None), nothing))
    well_formed(page)
    for told in ("No case could be drawn", "not known yet", "No image could be read", "No mask could be read"):
        assert told in page, told


def test_ten_thousand_cases_stay_small() -> None:
    rng, many, classes = np.random.default_rng(0), 10_000, 40
    names = tuple(f"class {n}" for n in range(classes))
    cases = tuple(
        CaseProfile(
            name=f"case_{i:05}", group=f"patient_{i // 2}", shape=(int(rng.integers(20, 400)), 512, 512),
            spacing_mm=(float(rng.uniform(0.5, 5)), 0.8, 0.8), medians=(float(rng.normal(50, 20)),),
            class_voxels=tuple(int(v) for v in rng.integers(1, 10**6, classes)), parts=(1,) * classes,
        )
        for i in range(many)
    )  # fmt: skip
    shares = (1 / BINS,) * BINS
    histogram = IntensityHistogram(name="CT", edges=tuple(range(BINS + 1)), inside=shares, outside=shares)
    odd = tuple(Outlier(case=c.name, quantity="size", value=1, median=2, unit="ml", z=4) for c in cases)
    profile = Profile(
        flat=False, class_names=names, cases=cases, histograms=(histogram,), together=((many,) * classes,) * classes,
        outliers=odd,
    )  # fmt: skip
    told = tuple(Problem(severity="warning", check="c", case=c.name, what="a sentence", fix="another") for c in cases)
    labels = Labels.exclusive(dict(enumerate(names, 1)))
    data = Dataset(
        root=Path("x"),
        layout="t",
        channels=("CT",),
        cases=tuple(Case(name=c.name, images=(), group=c.group) for c in cases),
    )
    page = render_data(DataFacts("many", data, CheckResult(problems=told, labels=labels), profile))
    assert len(page) < 2_000_000
    assert f"and {many - MOST_ROWS:,} more" in section(page, "problems")
    assert f"and {many - MOST_ROWS:,} more" in section(page, "odd")


def test_written_whole_under_the_name_given(data_facts: DataFacts, tmp_path: Path) -> None:
    path = write_datareport(data_facts, tmp_path / "deep" / "data.html")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in path.parent.iterdir()] == ["data.html"]
