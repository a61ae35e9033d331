"""Probability maps: NIfTI of 16 bits a voxel, a scale in the header, so that every reader sees numbers from 0 to 1.

NIfTI has no 16-bit floating point numbers; integers of 0 to 65535 with the scale 1/65535 take the same space, compress
better, and are exact to 0.00001 everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import FormatError
from delineate.core.files import atomic_path
from delineate.core.volume import Volume
from delineate.formats.nifti import Nifti

ONE = 65535
SUFFIX = ".nii.gz"


def to_stored(probability: NDArray[Any]) -> NDArray[np.uint16]:
    """Probabilities from 0 to 1 as they are stored."""
    return np.rint(np.clip(probability, 0, 1) * np.float32(ONE)).astype(np.uint16)


def write_probability(path: Path, stored: Volume) -> None:
    """Write what `to_stored` gave, on its own grid, atomically. ``path`` ends in `SUFFIX`.

    Raises:
        FormatError: another suffix, or voxels that were not made by `to_stored`.
        DiskFullError: the disk is full.
    """
    if not str(path).endswith(SUFFIX) or stored.array_czyx.dtype != np.uint16:
        raise FormatError(
            f"{path}: a probability map of {stored.array_czyx.dtype}", f"16-bit integers in a {SUFFIX} file", ""
        )
    with atomic_path(Path(path)) as temporary:
        Nifti().write_scaled(temporary, stored, 1 / ONE)
