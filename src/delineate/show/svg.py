"""A matplotlib figure as text to be put into a page or a file: SVG that asks for nothing from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape
from typing import Any

from delineate.show.figures import INK
from delineate.show.palette import class_colours

MARGIN_IN = 0.06


def figure_svg(figure: Any, alt: str) -> str:
    """The figure, cut to what is drawn; ``alt`` says it in words. Equal figures are equal texts.

    Words stay words, so that they can be searched and read aloud.
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt}):
        untold = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # else a date and addresses stand in it
        figure.savefig(buffer, format="svg", bbox_inches="tight", pad_inches=MARGIN_IN, metadata=untold)
    text = buffer.getvalue()
    label = escape(alt, quote=True)
    return text[text.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def model_colours(names: Sequence[str]) -> dict[str, str]:
    """A colour per model, the same in every figure that draws the same models in the same order."""
    return dict(zip(names, class_colours(len(names) + 1)[1:], strict=True))


def name_rows(axes: Any, names: Sequence[str]) -> None:
    """Names down the left side, the first on top; one row each, at 0, 1, 2 ..."""
    axes.set_yticks(range(len(names)))
    for label in axes.set_yticklabels([short(n) for n in names]):
        label.set(parse_math=False, color=INK, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)


def short(name: str, most: int = 28) -> str:
    """A name that is no longer than ``most`` letters, cut in its middle."""
    half = (most - 1) // 2
    return name if len(name) <= most else f"{name[: most - 1 - half]}…{name[-half:]}"
