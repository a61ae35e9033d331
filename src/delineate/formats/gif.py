"""GIF, in which some old data sets keep their masks. https://www.w3.org/Graphics/GIF/spec-gif89a.txt"""

from __future__ import annotations

from delineate.formats.format import FORMATS
from delineate.formats.picture import Picture


@FORMATS.register("gif")
class Gif(Picture):
    """``.gif`` of one frame; grey only when written, since 256 colours do not hold a photograph."""

    name = "gif"
    suffixes = (".gif",)
    channels = (1,)
