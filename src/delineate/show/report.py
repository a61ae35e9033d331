"""The report: one HTML page that holds everything, pictures included, and asks the network for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delineate.core.files import write_text
from delineate.core.labels import Labels
from delineate.core.listing import counted
from delineate.core.units import show_memory, show_time
from delineate.dataset.fingerprint import Fingerprint
from delineate.evaluate.findings import Findings
from delineate.evaluate.metrics.nsd import DEFAULT_TOLERANCE_MM
from delineate.evaluate.pooling import Spread, pool
from delineate.evaluate.table import ScoreTable
from delineate.plan.plan import Plan
from delineate.show.casechart import draw_cases, draw_classes, rank_cases
from delineate.show.census import take_census
from delineate.show.confusiontable import confusion_table
from delineate.show.curves import dice_by_step, draw_curves, read_metrics
from delineate.show.detectionchart import detection_rows, draw_detection
from delineate.show.diagnosis import diagnose
from delineate.show.errormap import KEYS, ErrorMap, draw_errors
from delineate.show.facts import CasePicture, RunFacts
from delineate.show.figures import Picture
from delineate.show.glimpse import load_glimpses
from delineate.show.mosaic import draw_mosaic
from delineate.show.overlay import draw_case
from delineate.show.page import render_page
from delineate.show.palette import class_colours
from delineate.show.reliabilitychart import draw_reliability, verdict
from delineate.show.scoretable import case_means, class_rows, scores_by_case, worst_case

MOST_PICTURE_BYTES = 5_500_000
"""Of the cases together; a third more in the page, which may have 10 MB in all."""
_PLACES = {"worst": 0, "median": 1, "best": 2}
_DISTANCES = {"HD95 (mm)": "hd95", "NSD": "nsd"}
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
    errors: ErrorMap | None = None


def write_report(facts: RunFacts, path: Path) -> Path:
    """Draw the page and write it, atomically; returns ``path``.

    Raises:
        RunError: one of the run's files that the facts name cannot be read.
    """
    write_text(path, render(facts))
    return path


def render(facts: RunFacts) -> str:
    """The page as text."""
    return render_page("report.html.j2", _view(facts))


def draw_gallery(cases: Sequence[CasePicture], labels: Labels, most_bytes: int = MOST_PICTURE_BYTES) -> list[CaseView]:
    """Cases with their planes and error maps; once ``most_bytes`` are drawn, further cases have no pictures, so that
    the page stays one that can be sent."""
    views, spent = [], 0
    for case in sorted(cases, key=lambda c: _PLACES.get(c.title, len(_PLACES))):
        if spent > most_bytes:
            note = f"{case.note}; not drawn, the page has pictures enough".lstrip("; ")
            views.append(CaseView(case.case, case.title, note, ()))
            continue
        view = CaseView(case.case, case.title, case.note, draw_case(case, labels), draw_errors(case, labels))
        spent += sum(len(p.png) for p in (*view.pictures, *(view.errors.pictures if view.errors else ())))
        views.append(view)
    return views


def _view(facts: RunFacts) -> dict[str, Any]:
    """Every value the template names."""
    labels = facts.labels
    plan = None if facts.plan is None else Plan.load(facts.plan)
    census = None if facts.fingerprint is None else take_census(Fingerprint.load(facts.fingerprint))
    colours = dict(zip(labels.names, class_colours(len(labels.names)), strict=True))
    return {
        "facts": facts,
        "colours": colours,
        "plan": plan,
        "census": census,
        "rows": () if facts.scores is None else class_rows(facts.scores),
        "by_case": {} if facts.scores is None else scores_by_case(facts.scores),
        "by_fold": _dice_by_fold(facts.fold_scores),
        "tiles": [*_score_tiles(facts.scores), *_run_tiles(facts, plan)],
        "cases": draw_gallery(facts.cases, labels),
        "error_keys": KEYS,
        "distance_names": _DISTANCES,
        "tolerance_mm": DEFAULT_TOLERANCE_MM,
        "verdict": verdict,
        "diagnosis": diagnose(
            {t: read_metrics(p) for t, p in facts.metrics.items()}, facts.fold_scores, facts.run, facts.folds
        ),
        **_score_charts(facts.scores, colours),
        **_finding_views(facts.findings, colours),
        "reliability": () if facts.certainties is None else draw_reliability(facts.certainties, colours),
        "curves": draw_curves(facts.metrics),
        "glimpses": load_glimpses(facts.glimpses, {t: dice_by_step(p) for t, p in facts.metrics.items()}),
        "mosaic": None if facts.mosaic is None else draw_mosaic(facts.mosaic, labels),
        "problems": _sorted_problems(facts),
        "total_s": sum(facts.timings_s.values()),
    }


def _dice_by_fold(tables: Mapping[str, ScoreTable]) -> Spread | None:
    return pool({f: t.rows for f, t in tables.items()}).foreground.get("dice") if len(tables) > 1 else None


def _score_charts(scores: ScoreTable | None, colours: dict[str, str]) -> dict[str, Any]:
    if scores is None:
        return {"class_chart": None, "case_chart": None, "ranked": [], "distances": {}}
    summaries = {c.case: c for c in scores.cases}
    ranked = [case for case, _ in rank_cases(scores)]
    ranked += [case for case in summaries if case not in set(ranked)]
    return {
        "class_chart": draw_classes(scores, colours),
        "case_chart": draw_cases(scores, colours),
        "ranked": [summaries[case] for case in ranked],
        "distances": {title: means for title, name in _DISTANCES.items() if (means := case_means(scores, name))},
    }


def _finding_views(findings: Findings | None, colours: dict[str, str]) -> dict[str, Any]:
    if findings is None:
        return {"confusion": None, "detection": (), "detection_rows": ()}
    return {
        "confusion": confusion_table(findings),
        "detection": draw_detection(findings, colours),
        "detection_rows": detection_rows(findings),
    }


def _score_tiles(scores: ScoreTable | None) -> list[Tile]:
    if scores is None or (dice := scores.foreground.get("dice")) is None:
        return []
    tiles = [Tile("validation Dice", f"{dice:.3f}", f"mean over classes, {counted(len(scores.cases), 'case')}")]
    worst = worst_case(scores)
    return tiles if worst is None else [*tiles, Tile("worst case", f"{worst.dice:.3f}", worst.case)]


def _run_tiles(facts: RunFacts, plan: Plan | None) -> list[Tile]:
    tiles = []
    if plan is not None:
        stage = plan.stages[-1]
        patch = " × ".join(map(str, stage.patch))
        tiles.append(Tile("network", f"{plan.dims}D", f"{stage.net.name}, patch {patch}, batch {stage.batch}"))
    if facts.timings_s:
        tiles.append(Tile("time", show_time(sum(facts.timings_s.values())), "without start-up and this page"))
    if facts.memory is not None and facts.memory.peak_bytes is not None:
        budget = facts.memory.budget_bytes
        note = "" if budget is None else f"of {show_memory(budget)} allowed"
        tiles.append(Tile("peak memory", show_memory(facts.memory.peak_bytes), note))
    return tiles


def _sorted_problems(facts: RunFacts) -> list[Any]:
    def rank(problem: Any) -> int:
        return _SEVERITIES.index(problem.severity) if problem.severity in _SEVERITIES else len(_SEVERITIES)

    return sorted(facts.problems or (), key=rank)
