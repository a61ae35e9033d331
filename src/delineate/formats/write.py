"""Writing a file of voxels: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from delineate.core.errors import DataError, FormatError
from delineate.core.files import atomic_path
from delineate.core.volume import Volume
from delineate.formats.format import format_of


def write_volume(path: Path, volume: Volume) -> None:
    """Write voxels and their place in the format the suffix names, atomically.

    A volume that carries the header of a NIfTI file and still lies on its grid is written with the very same affine.

    Raises:
        FormatError: the format is not written or cannot hold these voxels.
        DiskFullError: the disk is full.
    """
    path = Path(path)
    kind = format_of(path)
    if not kind.writes:
        raise FormatError(
            f"{path}: {kind.name} files are only read", "a lossless format", "choose .nii.gz or .png for the output"
        )
    if volume.array_czyx.shape[1] != 1 and not kind.stacks:
        raise FormatError(
            f"{path}: {volume.array_czyx.shape[1]} slices do not fit into one {kind.name} file",
            "one slice",
            "choose .nii.gz for the output",
        )
    with atomic_path(path) as temporary:
        try:
            kind.write(temporary, volume)
        except (OSError, MemoryError, DataError):
            raise
        except Exception as error:  # each library has its own classes for voxels it cannot hold
            raise FormatError(
                f"{path} cannot be written: {error}",
                f"voxels that a {kind.name} file can hold",
                "choose .nii.gz for the output",
            ) from error
