"""What SimpleITK reads and writes: arrays, grids and types turned to ours and back. World LPS on both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats.format import Format, VolumeInfo

_TYPES = ("UInt8", "Int8", "UInt16", "Int16", "UInt32", "Int32", "UInt64", "Int64", "Float32", "Float64")


class ItkFormat(Format):
    """A format by SimpleITK: 2, 3 or 4 axes, the fourth (or the components of a voxel) as channels."""

    def read(self, path: Path) -> Volume:
        """All voxels in the type of the file."""
        import SimpleITK

        image = SimpleITK.ReadImage(str(path))
        return Volume(array_of(image), _geometry(image))

    def read_info(self, path: Path) -> VolumeInfo:
        """From the header alone."""
        import SimpleITK

        reader = SimpleITK.ImageFileReader()
        reader.SetFileName(str(path))
        reader.ReadImageInformation()
        size = (*reader.GetSize(), 1, 1)
        channels = reader.GetNumberOfComponents() * (size[3] if reader.GetDimension() > 3 else 1)
        return VolumeInfo(_geometry(reader), channels, _dtype(reader.GetPixelID()), kind="scan")

    def write(self, path: Path, volume: Volume) -> None:
        """Compressed, without loss."""
        import SimpleITK

        SimpleITK.WriteImage(image_of(volume), str(path), useCompression=True)


def array_of(image: Any) -> NDArray[Any]:
    """Voxels ``[channel, z, y, x]`` of a SimpleITK image."""
    import SimpleITK

    array = SimpleITK.GetArrayFromImage(image).astype(_dtype(image.GetPixelID()), copy=False)
    dims, components = image.GetDimension(), image.GetNumberOfComponentsPerPixel()
    if components > 1:
        array = np.moveaxis(array, -1, 0)
    if dims == 4:
        array = array.reshape(-1, *array.shape[-3:])
    return np.ascontiguousarray(array.reshape(-1, *(1,) * (3 - min(dims, 3)), *array.shape[-min(dims, 3) :]))


def image_of(volume: Volume) -> Any:
    """A SimpleITK image of three axes; channels become components."""
    import SimpleITK

    array = volume.array_czyx
    if array.dtype in (np.dtype(bool), np.dtype(np.float16)):
        array = array.astype(np.uint8 if array.dtype == bool else np.float32)
    several = array.shape[0] > 1
    image = SimpleITK.GetImageFromArray(np.moveaxis(array, 0, -1) if several else array[0], isVector=several)
    geometry = volume.geometry
    image.SetSpacing(geometry.spacing_mm[::-1])
    image.SetOrigin(geometry.origin_mm)
    image.SetDirection([row[axis] for row in geometry.direction for axis in (2, 1, 0)])
    return image


def _geometry(header: Any) -> Geometry:
    """The grid of an image or of a reader that read the header."""
    dims = header.GetDimension()
    if not 2 <= dims <= 4:
        raise FormatError(f"{dims} axes", "two, three, or four with channels", "split the file")
    square = np.eye(max(dims, 3))
    square[:dims, :dims] = np.asarray(header.GetDirection()).reshape(dims, dims)
    spacing = (*header.GetSpacing(), 1.0)[:3][::-1]
    origin = (*header.GetOrigin(), 0.0)[:3]
    shape = tuple(int(n) for n in (*header.GetSize(), 1)[:3][::-1])
    affine = np.eye(4)
    affine[:3, :3] = square[:3, 2::-1] * spacing
    affine[:3, 3] = origin
    checked = Geometry.from_affine(shape, affine)
    direction = tuple(tuple(float(v) for v in row[2::-1]) for row in square[:3])
    # spacing and direction as the file has them, not multiplied and divided again, so that they come back bit-equal
    return checked.model_copy(update={"spacing_mm": tuple(float(v) for v in spacing), "direction": direction})


def _dtype(pixel_id: int) -> np.dtype[Any]:
    import SimpleITK

    for name in _TYPES:
        if pixel_id in (getattr(SimpleITK, f"sitk{name}"), getattr(SimpleITK, f"sitkVector{name}")):
            return np.dtype(name.lower())
    told = SimpleITK.GetPixelIDValueAsString(pixel_id)
    raise FormatError(f"voxels of type {told}", "integers or real numbers", "convert the file")
