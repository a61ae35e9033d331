"""Windows bitmap. https://learn.microsoft.com/windows/win32/gdi/bitmap-storage"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from delineate.formats.format import FORMATS
from delineate.formats.picture import Picture

_BITS_OFFSET = 28


@FORMATS.register("bmp")
class Bmp(Picture):
    """``.bmp``, 1 to 32 bits per pixel; black and white only is one bit, whatever the bits."""

    name = "bmp"
    suffixes = (".bmp",)

    @contextmanager
    def opened(self, path: Path) -> Iterator[Any]:
        """As of any picture. Pillow reads a byte per pixel with a palette of black and white as a bit per pixel, which
        turns every mask of 0 and 1 black; the decoder is told how many bits there are."""
        with super().opened(path) as image:
            if image.mode == "1" and path.read_bytes()[_BITS_OFFSET] == 8:
                image.tile = [t._replace(args=("1;8", *t.args[1:])) for t in image.tile if t.codec_name == "raw"]
            yield image
