"""NIfTI-1 and NIfTI-2, by nibabel: RAS and x, y, z on the disk, LPS and z, y, x here.

https://nifti.nimh.nih.gov/nifti-1/documentation/nifti1fields
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import FormatError, GeometryError
from delineate.core.geometry import Geometry, corner_distance_mm
from delineate.core.volume import Header, Volume
from delineate.formats.format import FORMATS, Format, VolumeInfo
from delineate.formats.gunzip import open_gzip

_SCANNER = 1
_SAME_VOXELS = 1e-3
_BLOCK = 1 << 20
_GZIP_LEVEL = 3  # higher levels take much longer and save little on masks and scans


@dataclass(frozen=True)
class NiftiHeader(Header):
    """The bytes of the header, so that affine, sform, qform, their codes and the units are written as they came."""

    block: bytes


@FORMATS.register("nifti")
class Nifti(Format):
    """``.nii`` and ``.nii.gz``; a fourth axis (time or channel, last on the disk) becomes the channel axis."""

    name = "nifti"
    suffixes = (".nii.gz", ".nii")

    def read(self, path: Path) -> Volume:
        """Voxels; integers stay what they are unless the header scales them."""
        image = _load(path)
        proxy = image.dataobj
        array = _stored(path, image)
        if _scaled(proxy):
            array = array.astype(_dtype(image))
            array *= proxy.slope  # in place: no second scan of floats
            array += proxy.inter
        shape = image.header.get_data_shape()
        voxels = np.ascontiguousarray(array.T.astype(_dtype(image), copy=False))
        return Volume(
            voxels.reshape(_channels(shape), *_zyx(shape)),
            geometry_of(image.header),
            NiftiHeader(image.header.binaryblock),
        )

    def read_info(self, path: Path) -> VolumeInfo:
        """From the 348 (or 540) bytes at the start."""
        image = _load(path)
        return VolumeInfo(
            geometry_of(image.header), _channels(image.header.get_data_shape()), _dtype(image), kind="scan"
        )

    def write(self, path: Path, volume: Volume) -> None:
        """With the header the volume was read with if it still lies there, else with one made from its geometry.
        The same voxels always give the same bytes: no name and no time goes into the gzip stream."""
        self.write_scaled(path, volume, 1.0)

    def write_scaled(self, path: Path, volume: Volume, slope: float) -> None:
        """As `write`, of voxels that mean ``slope`` times the integers they are: readers are told by the header."""
        array_xyzc = _storable(volume.array_czyx).T
        header = _kept(volume)
        flat = header is not None and header["dim"][0] == 2
        header = _fresh(volume.geometry) if header is None else header
        array = array_xyzc if array_xyzc.shape[3] > 1 else array_xyzc[..., 0]
        array = array[..., 0] if flat and array.shape[2:] == (1,) else array
        header.set_data_dtype(array.dtype)
        header.set_data_shape(array.shape)
        image = _image_class(header)(array, None, header)
        image.header.set_slope_inter(slope, 0)
        if path.name.lower().endswith(".gz"):
            with path.open("wb") as file, gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as stream:
                image.to_stream(stream)
        else:
            with path.open("wb") as file:
                image.to_stream(file)


def geometry_of(header: Any) -> Geometry:
    """The grid a nibabel header describes: sform before qform, as nibabel and the standard's third method have it.

    Raises:
        GeometryError: sheared or degenerate axes.
    """
    try:
        affine = header.get_best_affine()
    except ValueError as error:
        raise _told_of_qform(error) from error
    lps_zyx = (np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)[:, [2, 1, 0, 3]]
    return Geometry.from_affine(_zyx(header.get_data_shape()), lps_zyx)


def _load(path: Path) -> Any:
    import nibabel

    try:
        image = nibabel.load(path, mmap=False)
    except ValueError as error:
        raise _told_of_qform(error) from error
    if not isinstance(image, (nibabel.Nifti1Image, nibabel.Nifti2Image)):
        raise FormatError(f"{path} is a {type(image).__name__}, not NIfTI", "NIfTI-1 or -2", "convert it to .nii.gz")
    if image.get_data_dtype().kind not in "biuf":
        raise FormatError(
            f"{path} holds {image.get_data_dtype()} voxels", "integers or real numbers", "split it into channels"
        )
    return image


def _told_of_qform(error: ValueError) -> Exception:
    """nibabel's complaint about a quaternion longer than one, as an error of the grid; others as they are."""
    if not str(error).startswith("w2 "):
        return error
    return GeometryError(
        f"the qform cannot be used: {error}", "a unit quaternion", "write the header again, for example with ITK-SNAP"
    )


def _stored(path: Path, image: Any) -> NDArray[Any]:
    """The array [x, y, z, ...] on the disk. A gzip stream is read to its end, where its checksum stands: damaged
    voxels are told rather than trained on."""
    if not path.name.lower().endswith(".gz"):
        return np.asarray(image.dataobj.get_unscaled())
    with open_gzip(path) as stream:
        array = np.asarray(type(image).from_stream(stream).dataobj.get_unscaled())
        while stream.read(_BLOCK):
            pass
    return array


def _scaled(proxy: Any) -> bool:
    return (proxy.slope, proxy.inter) != (1, 0)


def _dtype(image: Any) -> np.dtype[Any]:
    """The type `Nifti.read` gives: native byte order, no more than float64, floating where values are scaled."""
    stored = image.get_data_dtype().newbyteorder("=")
    if stored.kind == "f" and stored.itemsize > 8:
        stored = np.dtype(np.float64)
    return np.result_type(stored, np.float32) if _scaled(image.dataobj) else stored


def _zyx(shape: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*shape, 1, 1, 1)[:3]
    if 0 in shape:
        raise FormatError(f"the grid {shape} holds no voxels", "at least one voxel", "export the file again")
    return int(z), int(y), int(x)


def _channels(shape: tuple[int, ...]) -> int:
    rest = [int(n) for n in shape[3:] if n > 1]
    if len(rest) > 1:
        raise FormatError(f"{len(shape)} axes {shape}", "three, and one of channels or time", "split the file")
    return rest[0] if rest else 1


def _storable(array: NDArray[Any]) -> NDArray[Any]:
    """A type that every NIfTI reader knows; 64-bit integers become 32-bit where they fit."""
    if array.dtype == bool:
        return array.astype(np.uint8)
    if array.dtype == np.float16:
        return array.astype(np.float32)
    if array.dtype in (np.int64, np.uint64) and array.size and abs(int(array.max())) < 2**31 > -int(array.min()):
        return array.astype(np.int32)
    return array


def _kept(volume: Volume) -> Any | None:
    """The header the volume came with, cleared of what describes other voxels; None if it lies elsewhere now."""
    import nibabel

    if not isinstance(volume.header, NiftiHeader):
        return None
    kind = nibabel.Nifti1Header if len(volume.header.block) == 348 else nibabel.Nifti2Header
    header = kind(volume.header.block)
    geometry = geometry_of(header)
    if geometry.shape != volume.geometry.shape:
        return None
    if corner_distance_mm(geometry, volume.geometry) > _SAME_VOXELS * min(geometry.spacing_mm):
        return None
    for field in ("cal_min", "cal_max", "intent_code"):
        header[field] = 0
    header.set_slope_inter(1, 0)
    return header


def _fresh(geometry: Geometry) -> Any:
    """A header with the geometry as both sform and qform, in scanner coordinates and millimetres."""
    import nibabel

    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ geometry.affine[:, [2, 1, 0, 3]]
    header = nibabel.Nifti1Header() if max(geometry.shape) < 2**15 else nibabel.Nifti2Header()
    header.set_data_shape(geometry.shape[::-1])
    header.set_qform(affine, _SCANNER)
    header.set_sform(affine, _SCANNER)
    header.set_xyzt_units("mm")
    return header


def _image_class(header: Any) -> Any:
    import nibabel

    return nibabel.Nifti2Image if isinstance(header, nibabel.Nifti2Header) else nibabel.Nifti1Image
