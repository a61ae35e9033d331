"""`Picture`: a drawn figure as it is embedded in a page; the look all figures share."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from delineate.core.files import write_bytes

# readable on white; report.css turns figures over on a dark page, since they are transparent
INK = "#505a69"


@dataclass(frozen=True)
class Picture:
    """A PNG, the words that replace it, and a caption."""

    png: bytes
    alt: str
    caption: str = ""

    @property
    def uri(self) -> str:
        """The picture as a ``data:`` address."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, from the PNG's own header."""
        width, height = struct.unpack(">II", self.png[16:24])
        return width, height

    def save(self, path: Path) -> Path:
        """Write the PNG to a file, atomically."""
        write_bytes(path, self.png)
        return path


def new_figure(width_in: float, height_in: float) -> Any:
    """A transparent matplotlib figure that belongs to no window and no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width_in, height_in), dpi=160)
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0)
    return figure


def figure_png(figure: Any) -> bytes:
    """A figure as the bytes of a PNG; no date or version inside, so equal figures are equal bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def array_png(rgba: NDArray[Any]) -> bytes:
    """``[h, w, 3 or 4]`` of unsigned bytes as the bytes of a PNG, pixel by pixel."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgba).save(buffer, format="PNG")
    return buffer.getvalue()


def style_axes(axes: Any) -> None:
    """A quiet frame: faint horizontal lines, no box."""
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.grid(axis="y", color=INK, alpha=0.22, linewidth=0.7)
    axes.xaxis.label.set(color=INK, fontsize=8)
