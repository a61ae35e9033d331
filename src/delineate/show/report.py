"""The report: one HTML page that holds everything, pictures included, and asks the network for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from delineate.core.files import write_text
from delineate.core.units import show_memory, show_time
from delineate.dataset.fingerprint import Fingerprint
from delineate.evaluate.table import ScoreTable
from delineate.plan.plan import Plan
from delineate.show.census import take_census
from delineate.show.curves import draw_curves
from delineate.show.facts import RunFacts
from delineate.show.figures import Picture
from delineate.show.mosaic import draw_mosaic
from delineate.show.overlay import draw_case
from delineate.show.palette import class_colours
from delineate.show.scoretable import class_rows, scores_by_case, worst_case

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Tile:
    """A headline number."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class CaseView:
    """A case with its drawn planes."""

    case: str
    title: str
    note: str
    pictures: tuple[Picture, ...]


def write_report(facts: RunFacts, path: Path) -> Path:
    """Draw the page and write it, atomically; returns ``path``.

    Raises:
        RunError: one of the run's files that the facts name cannot be read.
    """
    write_text(path, render(facts))
    return path


def render(facts: RunFacts) -> str:
    """The page as text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_packaged), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"score": _score, "memory": show_memory, "time": show_time, "words": _words}
    return environment.get_template("report.html.j2").render(_view(facts))


def _packaged(name: str) -> str:
    return (files("delineate.show") / name).read_text(encoding="utf-8")


def _view(facts: RunFacts) -> dict[str, Any]:
    """Every value the template names."""
    labels = facts.labels
    plan = None if facts.plan is None else Plan.load(facts.plan)
    census = None if facts.fingerprint is None else take_census(Fingerprint.load(facts.fingerprint))
    return {
        "facts": facts,
        "colours": dict(zip(labels.names, class_colours(len(labels.names)), strict=True)),
        "plan": plan,
        "census": census,
        "rows": () if facts.scores is None else class_rows(facts.scores),
        "by_case": {} if facts.scores is None else scores_by_case(facts.scores),
        "tiles": [*_score_tiles(facts.scores), *_run_tiles(facts, plan)],
        "cases": [CaseView(c.case, c.title, c.note, draw_case(c, labels)) for c in facts.cases],
        "curves": draw_curves(facts.metrics),
        "mosaic": None if facts.mosaic is None else draw_mosaic(facts.mosaic, labels),
        "problems": _sorted_problems(facts),
        "total_s": sum(facts.timings_s.values()),
    }


def _score_tiles(scores: ScoreTable | None) -> list[Tile]:
    if scores is None or (dice := scores.foreground.get("dice")) is None:
        return []
    tiles = [Tile("validation Dice", f"{dice:.3f}", f"mean over classes, {len(scores.cases)} cases")]
    worst = worst_case(scores)
    return tiles if worst is None else [*tiles, Tile("worst case", f"{worst.dice:.3f}", worst.case)]


def _run_tiles(facts: RunFacts, plan: Plan | None) -> list[Tile]:
    tiles = []
    if plan is not None:
        stage = plan.stages[-1]
        patch = " × ".join(map(str, stage.patch))
        tiles.append(Tile("network", f"{plan.dims}D", f"{stage.net.name}, patch {patch}, batch {stage.batch}"))
    if facts.timings_s:
        tiles.append(Tile("time", show_time(sum(facts.timings_s.values())), "everything included"))
    if facts.memory is not None and facts.memory.peak_bytes is not None:
        budget = facts.memory.budget_bytes
        note = "" if budget is None else f"of {show_memory(budget)} allowed"
        tiles.append(Tile("peak memory", show_memory(facts.memory.peak_bytes), note))
    return tiles


def _sorted_problems(facts: RunFacts) -> list[Any]:
    def rank(problem: Any) -> int:
        return _SEVERITIES.index(problem.severity) if problem.severity in _SEVERITIES else len(_SEVERITIES)

    return sorted(facts.problems or (), key=rank)


def _score(value: float | None) -> str:
    """Three decimals for shares, three digits for anything larger; a dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _words(name: str) -> str:
    """``false_alarm`` as words."""
    return name.replace("_", " ")
