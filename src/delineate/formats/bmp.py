"""Windows bitmap."""

from __future__ import annotations

from delineate.formats.format import FORMATS
from delineate.formats.picture import Picture


@FORMATS.register("bmp")
class Bmp(Picture):
    """``.bmp``, 1 to 32 bits per pixel."""

    name = "bmp"
    suffixes = (".bmp",)
