"""A metric explained: as text, and as a picture of where one prediction is right and where it is wrong."""

from __future__ import annotations

import io
from collections.abc import Sequence

from delineate.core.labels import Labels
from delineate.evaluate.explanation import ClassNumbers, MetricText
from delineate.show.errormap import KEYS, draw_errors
from delineate.show.facts import CasePicture
from delineate.show.figures import INK, Picture, figure_png, new_figure

_SIDE_IN = 2.8


def draw_explanation(case: CasePicture, labels: Labels, title: str) -> Picture | None:
    """The planes through the largest error side by side, with a key; None where nothing is marked in either mask."""
    from PIL import Image

    drawn = draw_errors(case, labels)
    if not drawn.pictures:
        return None
    figure = new_figure(_SIDE_IN * len(drawn.pictures) + 0.4, _SIDE_IN + 1.0)
    figure.patch.set(alpha=1, facecolor="white")
    for number, picture in enumerate(drawn.pictures, 1):
        axes = figure.add_subplot(1, len(drawn.pictures), number)
        axes.imshow(Image.open(io.BytesIO(picture.png)))
        axes.set_axis_off()
        axes.set_title(picture.caption.replace(": ", "\n", 1), fontsize=6.5, color=INK, parse_math=False)
    figure.suptitle(title + (f"\n{drawn.told}" if drawn.told else ""), fontsize=9, color="#333333", parse_math=False)
    for number, (name, colour) in enumerate(KEYS):
        left = 0.03 + 0.24 * number
        figure.text(left, 0.03, "■", color=colour, fontsize=11)
        figure.text(left + 0.025, 0.035, name, color="#333333", fontsize=7.5)
    figure.subplots_adjust(left=0.02, right=0.98, top=0.76, bottom=0.1, wspace=0.06)
    return Picture(figure_png(figure), f"{case.case}: {drawn.told or 'no error'}", drawn.told)


def show_metric(text: MetricText, classes: Sequence[ClassNumbers] = ()) -> None:
    """Print what a metric is, and its numbers for each class of a case."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=140)
    told = {
        "formula": text.formula, "": text.notes, "unit": text.unit, "range": text.range, "direction": text.direction,
        "empty masks": text.empty_masks, "paper": text.paper,
    }  # fmt: skip
    console.print(text.name, style="bold", markup=False)
    for name, value in told.items():
        if value:
            console.print(f"  {name:12} {value}", markup=False, soft_wrap=True)
    if not classes:
        for row, line in enumerate(text.example.splitlines()):
            console.print(f"  {'' if row else 'example':12} {line}", markup=False, soft_wrap=True)
        return
    table = Table("class", text.name, "state", "TP", "FP", "FN", "TN", "voxel in ml")
    for c in classes:
        counts = (f"{n:,}" for n in (c.tp, c.fp, c.fn, c.tn))
        table.add_row(escape(c.class_name), f"{c.value:.4f}", c.state, *counts, f"{c.voxel_ml:g}")
    console.print(table)
    for c in classes:
        for name, amount in c.looked_at.items():
            console.print(f"  {c.class_name}: {name}: {amount:,.6g}", markup=False)
