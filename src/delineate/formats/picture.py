"""Plain pictures, by Pillow: grids of one slice with 1 mm spacing."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats.format import Format, VolumeInfo

_KEPT_MODES = ("1", "L", "RGB", "I", "F")
_GREY_WITH_ALPHA = ("LA", "La")
_DTYPES = {"1": np.uint8, "L": np.uint8, "RGB": np.uint8, "I": np.int32, "F": np.float32}


class Picture(Format):
    """A format by Pillow. Grey is one channel, everything else red, green and blue; transparency is dropped, a palette
    becomes its colours (one channel if all are grey). Pixels stay in the order of the file (no EXIF rotation), since
    masks are drawn in that order by most programs."""

    places = False
    stacks = False
    channels: tuple[int, ...] = (1, 3)
    dtypes: tuple[str, ...] = ("uint8",)

    def read(self, path: Path) -> Volume:
        """``[1 or 3, 1, y, x]``; one bit per pixel becomes 0 and 1."""
        with self.opened(path) as image:
            return picture_volume(pixels(image))

    def read_info(self, path: Path) -> VolumeInfo:
        """From the header: no pixel is decoded."""
        with self.opened(path) as image:
            mode = _target(image)
            width, height = image.size
            return picture_info(height, width, 3 if mode == "RGB" else 1, _dtype(image, mode))

    def read_label(self, path: Path) -> Volume:
        """With a colour palette the values are the numbers of its entries (Pascal VOC's masks)."""
        with self.opened(path) as image:
            indexed = image.mode == "P" and _target(image) == "RGB"
            return picture_volume(np.asarray(image)[None] if indexed else pixels(image))

    def write(self, path: Path, volume: Volume) -> None:
        """Grey or RGB; integers in the smallest type that holds them.

        Raises:
            FormatError: values this format cannot hold.
        """
        from PIL import Image

        array_cyx = fitted(volume.array_czyx[:, 0], self)
        Image.fromarray(array_cyx[0] if len(array_cyx) == 1 else np.moveaxis(array_cyx, 0, -1)).save(path)

    @contextmanager
    def opened(self, path: Path) -> Iterator[Any]:
        """A Pillow image of one frame; its pixels are not decoded yet."""
        from PIL import Image

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # large slides are no attack here
            with Image.open(path) as image:
                if getattr(image, "n_frames", 1) > 1:
                    raise FormatError(
                        f"{path} holds {image.n_frames} frames",
                        "one picture",
                        "save it as a TIFF stack or as one file each",
                    )
                yield image


def picture_volume(array_cyx: NDArray[Any]) -> Volume:
    """Pixels ``[channel, y, x]`` as a grid of one slice."""
    array = np.ascontiguousarray(array_cyx[:, None])
    return Volume(array, Geometry(shape=(1, array.shape[2], array.shape[3])))


def picture_info(height: int, width: int, channels: int, dtype: Any) -> VolumeInfo:
    """What is known of a picture before its pixels are decoded."""
    return VolumeInfo(Geometry(shape=(1, height, width)), channels, np.dtype(dtype), kind="picture")


def pixels(image: Any) -> NDArray[Any]:
    """Pixels ``[channel, y, x]`` of a Pillow image."""
    mode = _target(image)
    if mode != image.mode:
        if "transparency" in image.info:
            image = image.convert("RGBA")
        image = image.convert(mode)
    array = np.asarray(image)
    array = array.astype(_dtype(image, mode), copy=False)
    return np.moveaxis(array, -1, 0) if array.ndim == 3 else array[None]


def fitted(array_cyx: NDArray[Any], kind: Format) -> NDArray[Any]:
    """The pixels in the smallest of the format's types that holds them all."""
    if len(array_cyx) not in kind.channels:
        raise FormatError(f"{len(array_cyx)} channels for a {kind.name} file", f"one of {kind.channels}")
    if array_cyx.dtype == bool:
        return array_cyx.astype(np.uint8)
    for name in kind.dtypes:
        if array_cyx.dtype == name:
            return array_cyx
    for name in kind.dtypes:
        limits = np.iinfo(name)
        whole = array_cyx.dtype.kind in "iu" and array_cyx.size
        if whole and array_cyx.min() >= limits.min and array_cyx.max() <= limits.max:
            return array_cyx.astype(name)
    raise FormatError(
        f"{array_cyx.dtype} pixels do not fit into a {kind.name} file",
        f"whole numbers of {' or '.join(kind.dtypes)}",
        "choose .nii.gz or .tif for the output",
    )


def _target(image: Any) -> str:
    """The mode whose pixels are read."""
    if image.mode in _KEPT_MODES or image.mode.startswith("I;16"):
        return str(image.mode)
    if image.mode in _GREY_WITH_ALPHA or (image.mode == "P" and _grey_palette(image)):
        return "L"
    return "RGB"


def _grey_palette(image: Any) -> bool:
    kind, colours = image.palette.mode, np.frombuffer(bytes(image.palette.palette), np.uint8)
    step = len(kind)
    rows = colours[: len(colours) // step * step].reshape(-1, step)[:, :3]
    return bool(kind.startswith("RGB") and (rows == rows[:, :1]).all())


def _dtype(image: Any, mode: str) -> Any:
    if mode.startswith("I;16") or (mode == "I" and image.format == "PNG"):
        return np.uint16
    return _DTYPES[mode]
