"""The heat map: the mean of every model in every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from delineate.show.figures import INK, new_figure
from delineate.show.svg import figure_svg, name_rows, short

_MOST_WORDS = 400
_MOST_SHAPES = 800


def draw_heatmap(
    means: Mapping[str, Mapping[str, float | None]], label: str, better: str = "higher", digits: int = 2
) -> str:
    """Models down, classes across, as SVG; stronger colour is better, and what has no mean stays empty.

    The numbers stand in the cells where there are few enough to be read.
    """
    models = tuple(means)
    classes = tuple(dict.fromkeys(c for by_class in means.values() for c in by_class))
    values = np.array([[_number(means[m].get(c)) for c in classes] for m in models], np.float64)
    worded = values.size <= _MOST_WORDS and len(classes) <= 24
    figure = new_figure(max(0.44 if worded else 0.12, 0.12) * len(classes) + 0.6, 0.27 * len(models) + 0.2)
    axes = figure.add_axes((0, 0, 1, 1))
    low, high = _ends(values)
    axes.pcolormesh(
        np.arange(len(classes) + 1) - 0.5, np.arange(len(models) + 1) - 0.5, np.ma.masked_invalid(values),
        cmap=_colours(better), vmin=low, vmax=high, edgecolors="white", linewidth=0.6 if worded else 0.2,
        rasterized=values.size > _MOST_SHAPES,
    )  # fmt: skip
    _style(axes, models, classes)
    if worded:
        _write(axes, values, low, high, better, digits)
    return figure_svg(figure, f"mean {label} of {len(models)} models in {len(classes)} classes")


def _write(axes: Any, values: Any, low: float, high: float, better: str, digits: int) -> None:
    for (row, column), value in np.ndenumerate(values):
        share = 0.0 if not np.isfinite(value) or high == low else (value - low) / (high - low)
        strong = share > 0.62 if better != "lower" else np.isfinite(value) and share < 0.38
        told = f"{value:.{digits}f}" if np.isfinite(value) else "–"
        axes.text(column, row, told, ha="center", va="center", fontsize=7, color="white" if strong else "#1b2330")


def _style(axes: Any, models: Sequence[str], classes: Sequence[str]) -> None:
    axes.patch.set_alpha(0)
    axes.tick_params(length=0, colors=INK)
    for side in axes.spines.values():
        side.set_visible(False)
    name_rows(axes, models)
    axes.set_ylim(len(models) - 0.5, -0.5)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(classes)))
    size = 8 if len(classes) <= 40 else 6
    for word in axes.set_xticklabels([short(c, 22) for c in classes]):
        word.set(parse_math=False, color=INK, fontsize=size, rotation=40 if len(classes) <= 24 else 90, ha="left")
        word.set(rotation_mode="anchor")


def _colours(better: str) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    shades = ("#eef4fa", "#a9cdea", "#2f86c9", "#12406f")
    return LinearSegmentedColormap.from_list("house", shades if better != "lower" else shades[::-1])


def _ends(values: Any) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
