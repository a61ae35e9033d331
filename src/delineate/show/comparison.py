"""The board in every form: JSON, CSV, LaTeX, and a page that holds everything it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from delineate.core.files import write_text
from delineate.evaluate.comparison import Comparison
from delineate.evaluate.metric import METRICS
from delineate.evaluate.paired import PairedTest
from delineate.show.board import Board, Entry, value_of
from delineate.show.boxplot import draw_boxes
from delineate.show.cdplot import draw_critical_difference
from delineate.show.heatmap import draw_heatmap
from delineate.show.latex import board_latex
from delineate.show.leaderboard import COSTS, board_csv, interval, metric_head, number
from delineate.show.page import render_page
from delineate.show.paretoplot import Offer, draw_pareto
from delineate.show.svg import model_colours

_FEW_PAIRS = 10


def write_board(board: Board, folder: Path) -> Path:
    """Write ``leaderboard.json``, ``.csv`` and ``.tex`` and ``compare.html``, each atomically; the page's path."""
    board.save(folder / "leaderboard.json")
    write_text(folder / "leaderboard.csv", board_csv(board))
    write_text(folder / "leaderboard.tex", board_latex(board))
    page = folder / "compare.html"
    write_text(page, render_page("comparison.html.j2", _view(board)))
    return page


def _view(board: Board) -> dict[str, Any]:
    """Every value the template names."""
    scored = [e for e in board.entries if e.quality]
    colours = model_colours([e.name for e in board.entries])
    return {
        "board": board,
        "colours": colours,
        "heads": [metric_head(m) for m in board.metrics],
        "folds": sorted({f for e in board.entries if "dice" in e.folds for f in e.folds["dice"].folds}, key=_natural),
        "classes": list(dict.fromkeys(c for e in board.entries for c in e.class_counts)),
        "cost_names": [name for name, _ in COSTS],
        "rows": [_row(board, e) for e in board.entries],
        "pairs": [(c, *_near_and_others(c), metric_head(c.metric), _number_of(c.metric)) for c in board.comparisons],
        "boxes": draw_boxes({e.name: e.dice for e in scored}, "Dice", colours=colours) if scored else "",
        "heat": draw_heatmap(_by_class(scored), "Dice") if scored else "",
        "paretos": _paretos(scored, colours),
        "ranks": [(metric_head(c.metric), draw_critical_difference(c.ranking, colours)) for c in board.comparisons],
    }


def _near_and_others(comparison: Comparison) -> tuple[list[PairedTest], list[PairedTest]]:
    """All pairs where they are few; else those with the best model, and the others, which are many: 40 models have
    780 pairs."""
    best, pairs = comparison.models[0].name, comparison.pairs
    if len(pairs) <= _FEW_PAIRS:
        return list(pairs), []
    return [p for p in pairs if best in (p.first, p.second)], [p for p in pairs if best not in (p.first, p.second)]


def _natural(fold: str) -> tuple[int, str]:
    """Fold 10 after fold 9."""
    return len(fold), fold


def _row(board: Board, entry: Entry) -> dict[str, Any]:
    cells = []
    for metric in board.metrics:
        quality = entry.quality.get(metric)
        shown = ("-", "") if quality is None else (number(quality.mean, metric), interval(quality, metric))
        cells.append((*shown, board.mark(entry, metric)))
    first = board.metrics[0] if board.metrics else None
    return {
        "entry": entry,
        "cells": cells,
        "p": board.p_holm(entry, first) if first else None,
        "first": board.first_share(entry, first) if first else None,
        "costs": [show(entry.cost) for _, show in COSTS],
    }


def _by_class(entries: list[Entry]) -> dict[str, dict[str, float | None]]:
    return {e.name: {c: value_of(e, "dice", c) for c in e.classes} for e in entries}


def _paretos(entries: list[Entry], colours: dict[str, str]) -> list[str]:
    """Dice against what it costs, for the costs that are known."""
    axes = (("seconds per case", "predict_s", 1.0), ("million parameters", "parameters", 1e6))
    drawn = []
    for label, field, scale in axes:
        offers = [o for e in entries if (o := _offer(e, field, scale)) is not None]
        if offers:
            drawn.append(draw_pareto(offers, label, "Dice", colours=colours))
    return drawn


def _offer(entry: Entry, field: str, scale: float) -> Offer | None:
    cost, quality = getattr(entry.cost, field, None), entry.quality.get("dice")
    if cost is None or quality is None or quality.mean is None:
        return None
    bounds = None if quality.low is None or quality.high is None else (quality.low, quality.high)
    return Offer(entry.name, cost / scale, quality.mean, bounds)


def _number_of(metric: str) -> str:
    """A format of numbers of a metric."""
    return "%.4f" if not METRICS[metric].unit else "%.2f"
