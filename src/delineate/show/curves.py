"""Training curves: what ``metrics.csv`` of a run holds, drawn against the step."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import RunError
from delineate.show.figures import INK, Picture, figure_png, new_figure, style_axes
from delineate.show.palette import class_colours

_DRAWN = (
    ("loss", "loss"),
    ("validation_dice", "validation Dice"),
    ("lr", "learning rate"),
    ("patches_per_s", "patches per second"),
    ("memory_gib", "memory (GiB)"),
)

Columns = dict[str, NDArray[np.float64]]


def read_metrics(path: Path) -> Columns:
    """Every column as numbers; an empty or unreadable cell is NaN.

    Raises:
        RunError: the file cannot be read or has no column ``step``.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            names, rows = tuple(table.fieldnames or ()), list(table)
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path} cannot be read: {error}", "the metrics.csv of a run") from error
    if "step" not in names:
        raise RunError(f"{path} has no column step", "the metrics.csv of a run", "delete it; it is only drawn")
    return {name: np.array([_number(row.get(name)) for row in rows]) for name in names}


def dice_by_step(path: Path) -> dict[int, float]:
    """The validation Dice of each validation."""
    columns = read_metrics(path)
    if "validation_dice" not in columns:
        return {}
    return {int(s): float(d) for s, d in zip(*_line(columns, "validation_dice"), strict=True)}


def draw_curves(metrics: Mapping[str, Path]) -> tuple[Picture, ...]:
    """A picture per quantity that was recorded, a line per fold."""
    folds = {title: read_metrics(path) for title, path in metrics.items()}
    drawn = []
    for column, title in _DRAWN:
        lines = {t: _line(c, column) for t, c in folds.items() if column in c}
        if any(len(steps) for steps, _ in lines.values()):
            drawn.append(_draw(lines, column, title))
    return tuple(drawn)


def smooth(values: Sequence[float] | NDArray[np.float64], share: float = 0.04) -> NDArray[np.float64]:
    """A running mean over ``share`` of the points; at the ends over the points there are."""
    values = np.asarray(values, np.float64)
    half = int(len(values) * share / 2)
    if not half:
        return values
    total = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    first, last = np.maximum(places - half, 0), np.minimum(places + half + 1, len(values))
    return np.asarray((total[last] - total[first]) / (last - first))


def _number(cell: str | None) -> float:
    with suppress(TypeError, ValueError):
        return float(cell)  # type: ignore[arg-type]
    return float("nan")


def _line(columns: Columns, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    steps, values = columns["step"], columns[name]
    known = np.isfinite(steps) & np.isfinite(values)
    return steps[known], values[known]


def _draw(lines: Mapping[str, Any], column: str, title: str) -> Picture:
    figure = new_figure(4.4, 2.35)
    axes = figure.add_axes((0.115, 0.17, 0.86, 0.79))
    for colour, (fold, (steps, values)) in zip(_colours(len(lines)), lines.items(), strict=True):
        if column == "validation_dice":
            axes.plot(steps, values, color=colour, linewidth=1.6, marker="o", markersize=3.2, label=fold)
        else:
            axes.plot(steps, values, color=colour, linewidth=0.7, alpha=0.28)
            axes.plot(steps, smooth(values), color=colour, linewidth=1.7, label=fold)
    style_axes(axes)
    axes.set_xlabel("step", labelpad=1)
    axes.margins(x=0.02)
    if column in ("lr", "memory_gib", "patches_per_s"):
        axes.set_ylim(bottom=0)
    if column == "lr":
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    if len(lines) > 1:
        axes.legend(fontsize=7, frameon=False, labelcolor=INK, ncols=min(len(lines), 5))
    return Picture(figure_png(figure), f"{title} against the step", _caption(lines, column, title))


def _colours(count: int) -> tuple[str, ...]:
    return class_colours(count + 1)[1:]


def _caption(lines: Mapping[str, Any], column: str, title: str) -> str:
    values = [values for _, values in lines.values() if len(values)]
    if column == "validation_dice":
        return f"{title} · best {max(v.max() for v in values):.3f}"
    if column == "loss":
        return f"{title} · last {np.mean([smooth(v)[-1] for v in values]):.3f}"
    return f"{title} · highest {max(v.max() for v in values):.3g}"
