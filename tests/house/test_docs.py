"""The documentation names what the code has: every error, every knob, every metric, every layout."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from delineate.config import knobs
from delineate.core import errors
from delineate.dataset.check import CHECKS
from delineate.dataset.find import _ORDER
from delineate.dataset.layouts import LAYOUTS
from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import counting_metrics
from delineate.evaluate.pair import ClassPair
from delineate.formats import FORMATS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
ERRORS = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.DelineateError)]


def test_codes_are_unique() -> None:
    assert len({e.code for e in ERRORS}) == len(ERRORS)


@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.code)
def test_each_error_has_a_page_of_its_own(error: type[errors.DelineateError]) -> None:
    text = (DOCS / "errors" / f"{error.code}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {error.code} · ")
    for part in (f"`{error.__name__}`", "## Typical causes", "## What to do", "## Example"):
        assert part in text
    assert f"[{error.code}]({error.code}.md)" in (DOCS / "errors" / "index.md").read_text(encoding="utf-8")


def test_there_is_no_page_of_an_error_that_does_not_exist() -> None:
    assert {p.stem for p in (DOCS / "errors").glob("E*.md")} == {e.code for e in ERRORS}


def test_navigation_names_every_page_once() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    named = list(_pages(site["nav"]))
    assert sorted(named) == sorted(p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md"))


def test_every_knob_is_documented_with_its_default_and_no_other() -> None:
    text = (DOCS / "config.md").read_text(encoding="utf-8")
    told = {n: d.strip() for n, d in re.findall(r"^\| `([\w.]+)` \| ([^|]*)\|", text, re.MULTILINE)}
    assert set(told) == set(knobs())
    for name, default in knobs().items():
        assert _value(told[name]) == _plain(default), name


def test_the_toy_example_is_what_the_metrics_give() -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \|.*\| (\d\.\d+) \|$", text, re.MULTILINE))
    toy = ClassPair.counted(Counts(tp=2, fp=1, fn=2, tn=11, voxel_ml=1.0))
    values = {m.name: m(toy) for m in counting_metrics()}
    assert {n: float(v) for n, v in told.items()} == {n: pytest.approx(v, abs=6e-4) for n, v in values.items()}


def test_every_layout_and_suffix_is_documented() -> None:
    text = (DOCS / "data-layouts.md").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^## `(\w+)`", text, re.MULTILINE)) == _ORDER
    assert set(_ORDER) == set(LAYOUTS)
    for name in FORMATS:
        for suffix in FORMATS[name].suffixes:
            assert f"`{suffix}`" in text, suffix


def test_every_check_is_documented() -> None:
    text = (DOCS / "check.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == sorted(CHECKS.names())


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for address in re.findall(r"\]\(([^)#\s]+)", text):
        if not address.startswith(("http", "mailto:")) and not address.endswith(".png"):
            assert (page.parent / address).exists(), address


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_says_the_two_commands_and_the_verbs(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for part in ("make demo", "make test", "docs/pictures/result.png", "<!-- figures -->", "<!-- /figures -->"):
        assert part in text, part
    for verb in ("check", "train", "predict", "evaluate", "report"):
        assert f"delineate {verb} " in text, verb


def test_both_readmes_tell_the_same() -> None:
    english, chinese = ((ROOT / n).read_text(encoding="utf-8") for n in ("README.md", "README.zh-CN.md"))
    for told in (
        r"^(\$ .*?)(?: *#.*)?$",  # commands without their comments
        r"`([^`\n]+)`",
        r"\]\(([^)]+\.(?:md|png))\)",
        r"^(-|##) ",
        r"^\|(.*)\|$",
    ):
        found = [
            re.findall(told, re.sub(r"README[\w.-]*\.md", "README.md", t), re.MULTILINE) for t in (english, chinese)
        ]
        if told.startswith(r"^\|"):  # of a table its figures
            found = [[re.findall(r"\d+(?:\.\d+)?", row) for row in rows] for rows in found]
        assert found[0] and sorted(found[0]) == sorted(found[1]), told


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for inner in nav.values():
            yield from _pages(inner)
    else:
        for inner in nav:
            yield from _pages(inner)


def _value(text: str) -> Any:
    """``–`` is unset, a text in backticks may be a list or a word, the rest is TOML."""
    if text == "–":
        return None
    bare = text.strip("`")
    try:
        return tomllib.loads(f"v = {bare}")["v"]
    except tomllib.TOMLDecodeError:
        return bare


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default
