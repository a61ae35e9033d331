from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import DataError, FormatError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import format_of, read_info, read_label, read_volume, write_volume

DATA = Path(os.environ.get("DELINEATE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def put(path: Path, values: list[float], dtype: type) -> Path:
    write_volume(path, Volume(np.asarray(values, dtype).reshape(1, 1, 1, -1), Geometry(shape=(1, 1, len(values)))))
    return path


def test_whole_floats_are_label_values(tmp_path: Path) -> None:
    label = read_label(put(tmp_path / "a.nii.gz", [0, 1, 2.0004, 300], np.float32))
    assert label.array_czyx.dtype.kind == "i" and label.array_czyx.ravel().tolist() == [0, 1, 2, 300]


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf])
def test_other_floats_are_not(value: float, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"a\.nii\.gz.*not integers, in 1 voxels"):
        read_label(put(tmp_path / "a.nii.gz", [0, 1, value], np.float32))


def test_negative_values_stay(tmp_path: Path) -> None:
    assert read_label(put(tmp_path / "a.mha", [-1, 0, 4], np.int16)).array_czyx.ravel().tolist() == [-1, 0, 4]


@pytest.mark.parametrize("name", ["none.nii.gz", "folder.nii.gz", "notes.txt"])
def test_what_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder.nii.gz").mkdir()
    (tmp_path / "notes.txt").write_text("hello")
    for ask in (read_volume, read_info, read_label):
        with pytest.raises(FormatError, match=name):
            ask(tmp_path / name)


def test_a_text_named_as_any_format_is_told(tmp_path: Path) -> None:
    for suffix in (".nii", ".nii.gz", ".nrrd", ".mha", ".mhd", ".png", ".jpg", ".bmp", ".gif", ".tif"):
        path = tmp_path / f"fake{suffix}"
        path.write_text("this is not an image\n" * 50)
        with pytest.raises(FormatError, match="fake"):
            read_volume(path)


@pytest.mark.realdata
def test_headers_tell_what_the_voxels_are() -> None:
    if not DATA.is_dir():
        pytest.skip("no real data here")
    for folder in sorted(p for p in DATA.iterdir() if p.is_dir()):
        files = sorted(p for p in folder.rglob("*") if p.suffix in (".gz", ".nrrd", ".png", ".tif"))
        for path in [p for p in files if p.stat().st_size < 3e6][:2]:
            try:
                info, volume = read_info(path), read_volume(path)
            except DataError as error:
                assert path.name in str(error)
                continue
            assert (info.geometry, info.dtype) == (volume.geometry, volume.array_czyx.dtype), path
            assert (
                info.channels == volume.array_czyx.shape[0]
                and format_of(path).name in str(type(format_of(path))).lower()
            )


def test_masks_of_floats_take_no_further_copy_of_floats(tmp_path: Path) -> None:
    array = np.zeros((1, 40, 64, 64))
    array[0, 3:20] = 2
    path = tmp_path / "a.nii"
    write_volume(path, Volume(array, Geometry(shape=array.shape[1:])))
    read_label(path)
    tracemalloc.start()
    label = read_label(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert label.array_czyx.dtype == np.uint8 and np.array_equal(label.array_czyx, array)
    assert peak < 11 * array.size  # eight bytes a voxel, and one of ids


def test_large_numbers_in_floats_stay_what_they_are(tmp_path: Path) -> None:
    label = read_label(put(tmp_path / "a.nii.gz", [0, 255.9995, -1, 3e9], np.float64))
    assert label.array_czyx.ravel().tolist() == [0, 256, -1, 3_000_000_000]


def test_just_below_a_power_of_two_is_that_power(tmp_path: Path) -> None:
    label = read_label(put(tmp_path / "a.nii.gz", [0, 255.9995], np.float64))
    assert label.array_czyx.ravel().tolist() == [0, 256]


def test_examples_of_fractions_come_from_all_slices(tmp_path: Path) -> None:
    array = np.zeros((1, 3, 1, 4))
    array[0, 0, 0] = [0.9, 0.8, 0.7, 0]
    array[0, 2, 0] = [0.1, 0.2, 0.3, 0.4]
    path = tmp_path / "a.nii.gz"
    write_volume(path, Volume(array, Geometry(shape=(3, 1, 4))))
    with pytest.raises(LabelError, match=r"in 7 voxels: 0\.1, 0\.2, 0\.3, 0\.4, 0\.7\n"):
        read_label(path)
