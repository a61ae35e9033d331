"""TIFF, one page or a stack of pages, by tifffile. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats.format import FORMATS, Format, VolumeInfo
from delineate.formats.picture import pixels

_CHANNEL_AXES = "SC"
_ALPHA_KINDS = (1, 2)
_PALETTE = 3
_RGB = 2


@dataclass(frozen=True)
class _Series:
    """The one picture or stack of a file: tifffile's axes letters and what its colours mean."""

    series: Any
    axes: str
    alpha: bool
    palette: NDArray[np.uint8] | None

    @property
    def order(self) -> tuple[int | None, int | None]:
        """Which axes are channels and slices."""
        many = [i for i, n in enumerate(self.series.shape) if n > 1 and self.axes[i] not in "YX"]
        channel = [i for i in many if self.axes[i] in _CHANNEL_AXES]
        depth = [i for i in many if i not in channel]
        if len(channel) > 1 or len(depth) > 1:
            raise FormatError(
                f"axes {self.axes} of {self.series.shape}", "one axis of slices and one of channels", "split the file"
            )
        return next(iter(channel), None), next(iter(depth), None)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``[channel, z, y, x]`` as stored (palette entries, alpha included)."""
        channel, depth = self.order
        size = self.series.shape
        c, z = (1 if i is None else size[i] for i in (channel, depth))
        return c, z, size[self.axes.index("Y")], size[self.axes.index("X")]


@FORMATS.register("tiff")
class Tiff(Format):
    """``.tif`` and ``.tiff``: pages are slices, 1 mm apart (TIFF has no agreed place for the distance)."""

    name = "tiff"
    suffixes = (".tif", ".tiff")
    places = False

    def read(self, path: Path) -> Volume:
        """Palettes become colours, transparency is dropped, one bit per pixel becomes 0 and 1."""
        with _opened(path) as found:
            array = _czyx(path, found)
        if found.palette is not None:
            array = np.moveaxis(found.palette[array[0]], -1, 0)
        return _volume(array)

    def read_info(self, path: Path) -> VolumeInfo:
        """From the directory of pages."""
        with _opened(path) as found:
            channels, *zyx = found.shape
            channels = channels - found.alpha if found.palette is None else found.palette.shape[1]
            dtype = np.dtype(found.series.dtype) if found.palette is None else np.dtype(np.uint8)
        dtype = np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
        kind = "picture" if zyx[0] == 1 else "scan"
        return VolumeInfo(Geometry(shape=tuple(zyx)), channels, dtype, kind)  # type: ignore[arg-type]

    def read_label(self, path: Path) -> Volume:
        """Entries of a palette are the values."""
        with _opened(path) as found:
            array = _czyx(path, found)
            grey = found.palette is not None and found.palette.shape[1] == 1
        return _volume(np.moveaxis(found.palette[array[0]], -1, 0) if grey else array)  # type: ignore[index]

    def write(self, path: Path, volume: Volume) -> None:
        """Compressed by zlib; three channels of whole numbers are RGB."""
        import tifffile

        array = volume.array_czyx
        array = array.astype(np.uint8) if array.dtype == bool else array
        rgb = array.shape[0] == 3 and array.dtype in (np.uint8, np.uint16)
        array, axes = (np.moveaxis(array, 0, -1), "ZYXS") if rgb else (np.moveaxis(array, 0, 1), "ZCYX")
        tifffile.imwrite(
            path,
            np.ascontiguousarray(array),
            photometric="rgb" if rgb else "minisblack",
            compression="zlib",
            metadata={"axes": axes},
        )


@contextmanager
def _opened(path: Path) -> Iterator[_Series]:
    import tifffile

    with tifffile.TiffFile(path) as file:
        whole = [s for s in file.series if not s.keyframe.is_reduced]
        if len(whole) != 1:
            raise FormatError(f"{path} holds {len(whole)} pictures of different sizes", "one", "save one file each")
        page = whole[0].keyframe
        alpha = page.samplesperpixel in (2, 4) and any(int(e) in _ALPHA_KINDS for e in page.extrasamples)
        alpha |= page.samplesperpixel == 4 and page.photometric == _RGB
        yield _Series(whole[0], whole[0].axes, alpha, _palette(page))


def _palette(page: Any) -> NDArray[np.uint8] | None:
    """Colours ``[entry, 3]``, or ``[entry, 1]`` if all are grey; None without a palette."""
    if page.photometric != _PALETTE or page.colormap is None:
        return None
    colours = np.asarray(page.colormap).T
    colours = (colours >> 8 if colours.max() > 255 else colours).astype(np.uint8)
    return colours[:, :1] if (colours == colours[:, :1]).all() else colours


def _czyx(path: Path, found: _Series) -> NDArray[Any]:
    """Voxels as stored, ``[channel, z, y, x]``, without alpha."""
    try:
        array = found.series.asarray()
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        return _by_pillow(path)  # LZW and JPEG inside TIFF: tifffile leaves them to an optional package
    channel, depth = found.order
    moved = [i for i in (channel, depth) if i is not None]
    rest = [found.axes.index("Y"), found.axes.index("X")]
    single = [i for i in range(array.ndim) if i not in (*moved, *rest)]
    array = array.transpose(*single, *moved, *rest).reshape(found.shape)
    return array[:-1] if found.alpha else array


def _by_pillow(path: Path) -> NDArray[Any]:
    from PIL import Image, ImageSequence

    with Image.open(path) as image:
        pages = [np.asarray(p)[None] if p.mode == "P" else pixels(p) for p in ImageSequence.Iterator(image)]
    return np.stack(pages, axis=1)


def _volume(array: NDArray[Any]) -> Volume:
    dtype = np.dtype(np.uint8) if array.dtype.kind == "b" else array.dtype.newbyteorder("=")
    array = np.ascontiguousarray(array.astype(dtype, copy=False))
    return Volume(array, Geometry(shape=array.shape[1:]))
