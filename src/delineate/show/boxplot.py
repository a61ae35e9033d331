"""Box plots: the scores of every model, a panel per class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from delineate.show.casechart import box_numbers
from delineate.show.figures import INK, new_figure, style_axes
from delineate.show.svg import figure_svg, model_colours, name_rows, short

Scores = Mapping[str, Mapping[str, Sequence[float]]]
"""Of every model, by class, a number per case."""

_MOST_DOTS = 1500
_ACROSS = 3


def draw_boxes(scores: Scores, label: str, most: int = 12, colours: Mapping[str, str] | None = None) -> str:
    """A box from the first to the third quartile with the median, whiskers to the last case within 1.5 of its length
    (Tukey), and a dot per case if there are few, else per case beyond the whiskers. As SVG.

    ``label`` names the metric and its unit. At most ``most`` classes are drawn, those with the most different medians
    first; the heat map holds all of them.
    """
    models = tuple(scores)
    every = tuple(dict.fromkeys(c for by_class in scores.values() for c in by_class))
    classes = _telling(scores, every, most)
    columns = min(_ACROSS, len(classes))
    rows = -(-len(classes) // columns)
    height = 0.24 * len(models) + 0.62
    figure = new_figure(1.5 + 2.5 * columns, rows * height)
    room = {"hspace": 0.7 / height, "wspace": 0.08}
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True, sharex=True, gridspec_kw=room)
    colours = colours or model_colours(models)
    every_dot = sum(len(scores[m].get(c, ())) for m in models for c in classes) <= _MOST_DOTS
    for axes, name in zip(grid.flat, classes, strict=False):
        for row, model in enumerate(models):
            _draw_box(axes, row, np.asarray(scores[model].get(name, ()), np.float64), colours[model], every_dot)
        _style(axes, models, name)
    for axes in list(grid.flat)[len(classes) :]:
        axes.set_visible(False)
    for axes in list(grid.flat)[: len(classes)][-columns:]:  # the lowest of each column
        axes.set_xlabel(label)
        axes.tick_params(labelbottom=True)
    left_out = f"; {len(every) - len(classes)} more classes are not drawn" if len(every) > len(classes) else ""
    return figure_svg(figure, f"box plots of {label} of {len(models)} models in {len(classes)} classes{left_out}")


def _draw_box(axes: Any, row: int, values: Any, colour: str, every_dot: bool) -> None:
    if not values.size:
        return
    low, q1, middle, q3, high = box_numbers(values)
    axes.plot((low, high), (row, row), color=colour, linewidth=1)
    axes.barh(row, q3 - q1, 0.56, q1, color=colour, alpha=0.3, linewidth=0)
    axes.plot((middle, middle), (row - 0.28, row + 0.28), color=colour, linewidth=2, solid_capstyle="butt")
    dots = values if every_dot else values[(values < low) | (values > high)]
    if dots.size:  # near ones apart, in a fixed pattern: a figure is the same every time
        shifts = 0.16 * np.array([0, 1, -1, 0.5, -0.5])[np.arange(dots.size) % 5]
        axes.plot(np.sort(dots), row + shifts, "o", color=colour, markersize=2.2, alpha=0.6, markeredgewidth=0)


def _style(axes: Any, models: Sequence[str], title: str) -> None:
    style_axes(axes)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=INK, alpha=0.22, linewidth=0.7)
    name_rows(axes, models)
    axes.set_title(short(title), fontsize=8.5, color=INK, loc="left", parse_math=False)


def _telling(scores: Scores, classes: Sequence[str], most: int) -> tuple[str, ...]:
    if len(classes) <= most:
        return tuple(classes)

    def apart(name: str) -> float:
        middles = [float(np.median(by_class[name])) for by_class in scores.values() if by_class.get(name)]
        return max(middles) - min(middles) if middles else -1.0

    chosen = set(sorted(classes, key=apart, reverse=True)[:most])
    return tuple(c for c in classes if c in chosen)
