"""Phantoms as files: NIfTI or PNG, in the layouts people have. The same scan always gives the same bytes."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.files import write_bytes, write_text
from delineate.core.geometry import Triple_mm
from delineate.phantom.scan import Scan

NIFTI, PNG = ".nii.gz", ".png"


def save_msd(folder: Path, name: str, scan: Scan) -> None:
    """Write one case as the Medical Segmentation Decathlon does: ``imagesTr`` and ``labelsTr``."""
    write_nifti(folder / "imagesTr" / f"{name}{NIFTI}", scan.image_czyx[0], scan.spacing_mm)
    write_nifti(folder / "labelsTr" / f"{name}{NIFTI}", scan.label_zyx, scan.spacing_mm)


def declare_msd(folder: Path, names: tuple[str, ...], scan: Scan, classes: dict[str, int]) -> None:
    """Write the Decathlon's ``dataset.json``: channels, labels and cases."""
    told = {
        "name": "Phantom",
        "description": "Synthetic scans with exact masks",
        "tensorImageSize": "3D",
        "modality": {str(i): channel for i, channel in enumerate(scan.channels)},
        "labels": {"0": "background", **{str(value): name for name, value in classes.items()}},
        "numTraining": len(names),
        "numTest": 0,
        "training": [{"image": f"./imagesTr/{n}{NIFTI}", "label": f"./labelsTr/{n}{NIFTI}"} for n in names],
        "test": [],
    }
    write_text(folder / "dataset.json", json.dumps(told, indent=2) + "\n")


def save_case_folder(folder: Path, name: str, scan: Scan) -> None:
    """Write one case as a folder with a file per sequence and ``label``."""
    for channel, array in zip(scan.channels, scan.image_czyx, strict=True):
        write_nifti(folder / name / f"{channel}{NIFTI}", array, scan.spacing_mm)
    write_nifti(folder / name / f"label{NIFTI}", scan.label_zyx, scan.spacing_mm)


def save_pair(folder: Path, name: str, scan: Scan) -> None:
    """Write one case to ``images`` and ``labels``: PNG for pictures, else NIfTI with the channel's name appended
    where there are several."""
    if scan.image_czyx.dtype == np.uint8:
        write_png(folder / "images" / f"{name}{PNG}", scan.image_czyx[:, 0].transpose(1, 2, 0))
        write_png(folder / "labels" / f"{name}{PNG}", scan.label_zyx[0])
        return
    for channel, array in zip(scan.channels, scan.image_czyx, strict=True):
        end = f"_{channel}{NIFTI}" if len(scan.channels) > 1 else NIFTI
        write_nifti(folder / "images" / f"{name}{end}", array, scan.spacing_mm)
    write_nifti(folder / "labels" / f"{name}{NIFTI}", scan.label_zyx, scan.spacing_mm)


def write_nifti(path: Path, array_zyx: NDArray[Any], spacing_mm: Triple_mm) -> None:
    """Write voxels whose axes run up, to the back and to the left, centred on the world's origin."""
    import nibabel

    z, y, x = spacing_mm
    affine = np.diag([-x, -y, z, 1.0])  # NIfTI's world runs to the right and to the front
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(array_zyx.shape[::-1]) - 1) / 2)
    image = nibabel.Nifti1Image(array_zyx.transpose(2, 1, 0), affine)
    image.header.set_xyzt_units("mm")
    write_bytes(path, gzip.compress(image.to_bytes(), compresslevel=1, mtime=0))


def write_png(path: Path, array_yxc: NDArray[np.uint8]) -> None:
    """Write a grey ``[y, x]`` or RGB ``[y, x, 3]`` picture."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(array_yxc)).save(data, format="PNG", compress_level=4)
    write_bytes(path, data.getvalue())
