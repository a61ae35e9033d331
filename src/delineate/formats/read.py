"""Reading a file of voxels, a mask, or only a header, whatever the format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import DataError, FormatError, GeometryError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.shortage import ran_out
from delineate.core.volume import Volume
from delineate.formats.format import VolumeInfo, format_of

_WHOLE = 1e-3
"""How far from an integer a label value may be: stored scale factors such as 1/255 leave rounding errors."""


def read_volume(path: Path) -> Volume:
    """Voxels ``[channel, z, y, x]`` in the type of the file (float where the header scales them) and their grid.

    Raises:
        FormatError: missing, unknown, truncated or damaged; the file is named.
        GeometryError: its axes are sheared or degenerate.
    """
    with named(path):
        return format_of(path).read(Path(path))


def read_info(path: Path) -> VolumeInfo:
    """Grid, channels and type from the header alone. Errors as in `read_volume`."""
    with named(path):
        return format_of(path).read_info(Path(path))


def read_geometry(path: Path) -> Geometry:
    """The grid from the header alone. Errors as in `read_volume`."""
    return read_info(path).geometry


def read_label(path: Path) -> Volume:
    """A mask ``[1, z, y, x]`` of integers. A colour picture whose channels agree counts as grey; the numbers behind
    a colour palette are the values.

    Raises:
        LabelError: a lossy format, more than one channel, or values that are not integers.
        FormatError, GeometryError: as in `read_volume`.
    """
    kind = format_of(path)
    if kind.lossy:
        raise LabelError(
            f"{path} is a mask in {kind.name}, which changes values when it compresses",
            "a lossless format such as .png, .tif or .nii.gz",
            "export the mask again from where it was drawn; converting the lossy file does not repair it",
        )
    with named(path):
        volume = kind.read_label(Path(path))
    return volume.with_array(_whole(_one_channel(volume.array_czyx, path), path))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn what libraries raise on a bad file into errors that name the file."""
    if not Path(path).is_file():
        raise FormatError(f"{path} is not there or is not a file", "a file of voxels", "check the path")
    try:
        yield
    except GeometryError as error:
        raise GeometryError(f"{path}: {error.what}", error.expected, error.fix) from error
    except (DataError, MemoryError):
        raise
    except Exception as error:  # the libraries raise a dozen unrelated classes on damaged files
        if ran_out(error):
            raise
        told = " ".join(str(error).split())[-300:] or type(error).__name__
        raise FormatError(
            f"{path} cannot be read: {told}",
            "a whole, undamaged file of the format its name says",
            "copy or download it again; if it opens elsewhere, convert it to .nii.gz",
        ) from error


def _one_channel(array: NDArray[Any], path: Path) -> NDArray[Any]:
    if array.shape[0] == 1:
        return array
    picture = array.shape[1] == 1
    if picture and (array == array[:1]).all():
        return np.ascontiguousarray(array[:1])
    colours = len(np.unique(array.reshape(len(array), -1), axis=1).T) if picture else 0
    raise LabelError(
        f"{path} is a mask with {array.shape[0]} channels" + (f" in {colours} colours" if picture else ""),
        "one integer per voxel",
        "give every colour or channel its own number and save one channel",
    )


def _whole(array: NDArray[Any], path: Path) -> NDArray[Any]:
    if array.dtype == bool:
        return array.astype(np.uint8)
    if array.dtype.kind in "iu":
        return array
    _refuse_fractions(array, path)
    # slice by slice: a mask of float64 is the largest array there is as it is
    out = np.empty(array.shape, _integers(np.rint(array.min()), np.rint(array.max())))
    for plane, whole in zip(array[0], out[0], strict=True):
        whole[...] = np.rint(plane)
    return out


def _refuse_fractions(array: NDArray[Any], path: Path) -> None:
    count, examples = 0, list[float]()
    for plane in array[0]:
        with np.errstate(invalid="ignore"):
            odd = ~(np.abs(plane - np.rint(plane)) <= _WHOLE)  # NaN and infinity are odd too
        if odd.any():
            count += int(np.count_nonzero(odd))
            examples += np.unique(plane[odd])[:5].tolist()
    if count:
        told = ", ".join(f"{v:g}" for v in np.unique(examples)[:5])
        raise LabelError(
            f"{path} holds label values that are not integers, in {count} voxels: {told}",
            "whole numbers",
            "the mask was probably resampled with interpolation; resample the original with nearest neighbour",
        )


def _integers(low: float, high: float) -> np.dtype[Any]:
    """The type for whole numbers from ``low`` to ``high``."""
    if low >= 0 and high < 2**8:
        return np.dtype(np.uint8)
    return np.dtype(np.int32 if low >= -(2**31) and high < 2**31 else np.int64)
