"""PNG. https://www.w3.org/TR/png-3/"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from delineate.core.volume import Volume
from delineate.formats.format import FORMATS, VolumeInfo
from delineate.formats.itk import array_of, image_of
from delineate.formats.picture import Picture, picture_info, picture_volume

_COLOUR = 2
_ALPHA = 4


@FORMATS.register("png")
class Png(Picture):
    """8 and 16 bit. Colours of 16 bit go by SimpleITK: Pillow would silently cut them to 8."""

    name = "png"
    suffixes = (".png",)
    dtypes = ("uint8", "uint16")

    def read(self, path: Path) -> Volume:
        """As of any picture."""
        import SimpleITK

        channels = _deep_channels(path)
        if not channels:
            return super().read(path)
        return picture_volume(array_of(SimpleITK.ReadImage(str(path)))[:channels, 0])

    def read_info(self, path: Path) -> VolumeInfo:
        """From the first 33 bytes."""
        info = super().read_info(path)
        channels = _deep_channels(path)
        return picture_info(*info.geometry.shape[1:], channels, np.uint16) if channels else info

    def read_label(self, path: Path) -> Volume:
        """As of any picture."""
        return self.read(path) if _deep_channels(path) else super().read_label(path)

    def write(self, path: Path, volume: Volume) -> None:
        """As of any picture."""
        import SimpleITK

        if volume.array_czyx.shape[0] == 3 and volume.array_czyx.dtype == np.uint16:
            SimpleITK.WriteImage(image_of(volume)[:, :, 0], str(path))
        else:
            super().write(path, volume)


def _deep_channels(path: Path) -> int:
    """Channels without alpha of a picture with 16 bits and more than plain grey; 0 of any other."""
    with path.open("rb") as file:
        start = file.read(33)
    if len(start) < 33 or start[12:16] != b"IHDR" or start[24] != 16 or not start[25] & (_COLOUR | _ALPHA):
        return 0
    return 3 if start[25] & _COLOUR else 1
