"""NIfTI files with every kind of affine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest


def random_affine(seed: int) -> np.ndarray:
    """An oblique affine without shear, mirrored half of the time."""
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = q * rng.uniform(0.4, 4, 3)
    affine[:3, 3] = rng.uniform(-200, 200, 3)
    return affine


@pytest.fixture
def save_nifti(tmp_path: Path) -> Callable[..., Path]:
    """Write an array [x, y, z, ...] with the codes given (None leaves that form out)."""

    def save(array: np.ndarray, seed: int = 1, sform: int = 1, qform: int = 1, name: str = "in.nii.gz") -> Path:
        image = nib.Nifti1Image(array, None)
        image.header.set_data_dtype(array.dtype)
        image.header.set_qform(random_affine(seed), qform)
        if sform:
            image.header.set_sform(random_affine(seed + (100 if qform else 0)), sform)
        else:
            image.header.set_sform(None, 0)
        image.header.set_xyzt_units("mm", "sec")
        path = tmp_path / name
        nib.save(nib.Nifti1Image(array, None, image.header), path)
        return path

    return save
