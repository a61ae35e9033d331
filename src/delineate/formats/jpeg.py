"""JPEG: images only, never masks. https://www.w3.org/Graphics/JPEG/itu-t81.pdf"""

from __future__ import annotations

from delineate.formats.format import FORMATS
from delineate.formats.picture import Picture


@FORMATS.register("jpeg")
class Jpeg(Picture):
    """``.jpg`` and ``.jpeg``."""

    name = "jpeg"
    suffixes = (".jpg", ".jpeg")
    lossy = True
    writes = False
