"""Small files for the tests of `dataset`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset


@pytest.fixture
def touch(tmp_path: Path) -> Callable[..., Path]:
    """Make small readable files, ``touch("images/a.nii.gz", ...)``, and return the folder."""

    def make(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith((".nii", ".nii.gz")):
                nibabel.save(nibabel.Nifti1Image(np.ones((4, 3, 2), np.uint8), np.eye(4)), path)
            elif path.suffix in (".png", ".gif", ".jpg"):
                Image.fromarray(np.ones((4, 5), np.uint8)).save(path)
            else:
                path.write_text("")
        return tmp_path

    return make


@pytest.fixture
def dataset_of(tmp_path: Path) -> Callable[..., Dataset]:
    """A data set of NIfTI files from arrays (x, y, z), ``dataset_of([(image, mask), ...], labels=...)``; a mask may
    be None, and ``affines[k]`` places the mask of case k elsewhere than its image."""

    def make(
        pairs: list[tuple[np.ndarray, np.ndarray | None]],
        labels: Labels | None = None,
        affines: dict[int, np.ndarray] | None = None,
        channels: tuple[str, ...] = ("image",),
    ) -> Dataset:
        cases = []
        for number, (image, mask) in enumerate(pairs):
            path, label = tmp_path / f"image_{number}.nii.gz", tmp_path / f"mask_{number}.nii.gz"
            nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), path)
            if mask is not None:
                nibabel.save(nibabel.Nifti1Image(mask, (affines or {}).get(number, np.eye(4))), label)
            cases.append(Case(name=f"case{number}", images=(path,), label=None if mask is None else label))
        return Dataset(root=tmp_path, layout="test", channels=channels, cases=tuple(cases), labels=labels)

    return make


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of labelled data, or a skip."""
    folder = Path(os.environ.get("DELINEATE_DATA", Path(__file__).parents[2] / "../shared/data"))
    if not folder.is_dir():
        pytest.skip("no labelled data: DELINEATE_DATA names no folder")
    return folder
