"""One colour per class, the same in every figure and in the legend."""

from __future__ import annotations

import colorsys

_FIRST = (
    "#f0563f", "#2f9be0", "#2fb67c", "#f0ad2d", "#a26ee6", "#17b3b8", "#ec6aa5", "#93a12b", "#c9803f", "#6f86f2",
)  # fmt: skip


def class_colours(count: int) -> tuple[str, ...]:
    """``count`` colours as ``#rrggbb``, readable on grey scans and on light and dark pages."""
    return tuple(_FIRST[i] if i < len(_FIRST) else _turned(i) for i in range(count))


def rgb(colour: str) -> tuple[float, float, float]:
    """``#rrggbb`` as three numbers between 0 and 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _turned(index: int) -> str:
    """Hues a golden angle apart never repeat, however many classes there are."""
    shades = colorsys.hls_to_rgb((index * 0.61803398875) % 1, (0.5, 0.6, 0.42)[index % 3], 0.72)
    return "#" + "".join(f"{round(s * 255):02x}" for s in shades)
