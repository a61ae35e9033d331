"""The critical-difference plot: models along their average rank, a bar over those that cannot be told apart.

Demsar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from delineate.evaluate.ranking import Ranking
from delineate.show.figures import INK, new_figure
from delineate.show.svg import figure_svg, model_colours, short

_ROW_IN, _WIDTH_IN = 0.27, 6.4


def draw_critical_difference(ranking: Ranking, colours: dict[str, str] | None = None) -> str:
    """The plot as SVG. Without a critical difference (two models, or one case) the ranks alone."""
    models, ranks = ranking.models, ranking.average_ranks
    bars = _levels([(models.index(g[0]), models.index(g[-1])) for g in ranking.groups])
    first_row = 1.0 + 0.55 * max(bars.values(), default=0)
    left = (len(models) + 1) // 2
    top = 0.9 if ranking.critical_difference is None else 1.9
    height = top + first_row + left
    figure = new_figure(_WIDTH_IN, max(1.2, _ROW_IN * height))
    axes = figure.add_axes((0.2, 0.02, 0.6, 0.96))
    axes.set(xlim=(1, max(len(models), 2)), ylim=(top - height - 0.2, top))
    axes.axis("off")
    _draw_scale(axes, max(len(models), 2))
    if ranking.critical_difference is not None:
        _draw_length(axes, ranking.critical_difference, max(len(models), 2))
    for (start, end), level in bars.items():
        places = (ranks[start] - 0.03, ranks[end] + 0.03)
        axes.plot(places, (-0.5 - 0.55 * level,) * 2, color=INK, linewidth=3.2, solid_capstyle="round", clip_on=False)
    colours = colours or model_colours(models)
    for i, (name, rank) in enumerate(zip(models, ranks, strict=True)):
        row = first_row + (i if i < left else len(models) - 1 - i) + 0.3
        _draw_model(axes, name, rank, -row, i < left, colours[name])
    return figure_svg(figure, _told(ranking))


def _draw_scale(axes: Any, last: int) -> None:
    axes.plot((1, last), (0, 0), color=INK, linewidth=1, clip_on=False)
    step = 1 if last <= 12 else 2 if last <= 20 else 5
    for rank in sorted({1, last, *range(step if step > 1 else 1, last + 1, step)}):
        axes.plot((rank, rank), (0, 0.16), color=INK, linewidth=1, clip_on=False)
        axes.text(rank, 0.28, str(rank), color=INK, fontsize=8, ha="center", va="bottom")


def _draw_length(axes: Any, length: float, last: int) -> None:
    end = min(1 + length, last)
    axes.plot((1, end), (1.35, 1.35), color=INK, linewidth=1.2, clip_on=False)
    for x in (1, end):
        axes.plot((x, x), (1.22, 1.48), color=INK, linewidth=1.2, clip_on=False)
    cut = " (longer than the scale)" if 1 + length > last else ""
    axes.text((1 + end) / 2, 1.55, f"CD = {length:.2f}{cut}", color=INK, fontsize=8, ha="center", va="bottom")


def _draw_model(axes: Any, name: str, rank: float, y: float, to_left: bool, colour: str) -> None:
    low, high = axes.get_xlim()
    margin = 0.03 * (high - low)
    edge = low - margin if to_left else high + margin
    axes.plot((rank, rank, edge), (0, y, y), color=colour, linewidth=1.1, clip_on=False)
    axes.plot((rank,), (0,), marker="o", markersize=4, color=colour, clip_on=False)
    text = f"{short(name)}  {rank:.2f}" if to_left else f"{rank:.2f}  {short(name)}"
    axes.text(
        edge + (-margin if to_left else margin) / 2, y, text, color=INK, fontsize=8, va="center",
        ha="right" if to_left else "left", parse_math=False,
    )  # fmt: skip


def _levels(bars: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Bars that share a model lie on different levels."""
    ends: list[int] = []
    levels = {}
    for start, end in bars:
        level = next((i for i, last in enumerate(ends) if last < start), len(ends))
        ends[level : level + 1] = [end]
        levels[start, end] = level
    return levels


def _told(ranking: Ranking) -> str:
    ranks = ", ".join(f"{n} {r:.2f}" for n, r in zip(ranking.models, ranking.average_ranks, strict=True))
    apart = "" if ranking.critical_difference is None else f"; critical difference {ranking.critical_difference:.2f}"
    return f"average ranks: {ranks}{apart}"
