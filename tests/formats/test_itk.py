from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from delineate.core.errors import FormatError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import read_info, read_label, read_volume, write_volume

ARRAY = np.random.default_rng(0).integers(-900, 900, (6, 5, 4), dtype=np.int16)
TURN = (0.6, -0.8, 0.0, 0.8, 0.6, 0.0, 0.0, 0.0, -1.0)


def make_image(array: np.ndarray = ARRAY, vector: bool = False) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(array, isVector=vector)
    image.SetSpacing((0.7, 0.9, 3.3))
    image.SetOrigin((-12.5, 33.0, 107.25))
    image.SetDirection(TURN)
    return image


@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".mhd"])
def test_the_world_is_simpleitks(suffix: str, tmp_path: Path) -> None:
    image, path = make_image(), tmp_path / f"a{suffix}"
    SimpleITK.WriteImage(image, str(path))
    volume, info = read_volume(path), read_info(path)
    np.testing.assert_array_equal(volume.array_czyx[0], ARRAY)
    assert (info.geometry, info.channels, info.dtype, info.kind) == (volume.geometry, 1, np.int16, "scan")
    for x, y, z in [(0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 5)]:
        expected = image.TransformIndexToPhysicalPoint((x, y, z))
        np.testing.assert_allclose(volume.geometry.to_world((z, y, x)), expected, atol=1e-9)


@pytest.mark.parametrize("suffix", [".nrrd", ".mha", ".mhd"])
def test_what_we_write_simpleitk_reads(suffix: str, tmp_path: Path) -> None:
    SimpleITK.WriteImage(make_image(), str(tmp_path / "a.nrrd"))
    write_volume(tmp_path / f"b{suffix}", read_volume(tmp_path / "a.nrrd"))
    back = SimpleITK.ReadImage(str(tmp_path / f"b{suffix}"))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(back), ARRAY)
    np.testing.assert_allclose(back.GetDirection(), TURN, atol=1e-12)
    np.testing.assert_allclose(back.GetSpacing(), (0.7, 0.9, 3.3), atol=1e-12)
    assert back.GetOrigin() == (-12.5, 33.0, 107.25)


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
def test_components_and_a_fourth_axis_are_channels(suffix: str, tmp_path: Path) -> None:
    array = np.stack([ARRAY, ARRAY + 1], -1)
    SimpleITK.WriteImage(make_image(array, vector=True), str(tmp_path / f"v{suffix}"))
    np.testing.assert_array_equal(read_volume(tmp_path / f"v{suffix}").array_czyx, np.moveaxis(array, -1, 0))
    four = SimpleITK.JoinSeries([make_image(), make_image(ARRAY + 1)])
    SimpleITK.WriteImage(four, str(tmp_path / f"t{suffix}"))
    volume, info = read_volume(tmp_path / f"t{suffix}"), read_info(tmp_path / f"t{suffix}")
    np.testing.assert_array_equal(volume.array_czyx, np.moveaxis(array, -1, 0))
    assert (info.channels, info.geometry) == (2, volume.geometry)
    with pytest.raises(LabelError, match="2 channels"):
        read_label(tmp_path / f"v{suffix}")


def test_a_flat_image_is_one_slice(tmp_path: Path) -> None:
    image = make_image()[:, :, 2]
    SimpleITK.WriteImage(image, str(tmp_path / "a.mha"))
    volume, info = read_volume(tmp_path / "a.mha"), read_info(tmp_path / "a.mha")
    np.testing.assert_array_equal(volume.array_czyx[0, 0], ARRAY[2])
    assert info.geometry == volume.geometry and volume.geometry.spacing_mm == (1.0, 0.9, 0.7)


def test_mhd_with_voxels_beside_it_and_without(tmp_path: Path) -> None:
    SimpleITK.WriteImage(make_image(), str(tmp_path / "a.mhd"))
    np.testing.assert_array_equal(read_volume(tmp_path / "a.mhd").array_czyx[0], ARRAY)
    (tmp_path / "a.raw").unlink()
    with pytest.raises(FormatError, match=r"a\.mhd"):
        read_volume(tmp_path / "a.mhd")


def test_half_precision_is_widened(tmp_path: Path) -> None:
    write_volume(tmp_path / "a.mha", Volume(np.ones((1, 2, 2, 2), np.float16), Geometry(shape=(2, 2, 2))))
    assert read_info(tmp_path / "a.mha").dtype == np.float32


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory cannot be limited there")
def test_a_whole_file_that_does_not_fit_into_memory_is_not_called_damaged(tmp_path):
    """In a process of its own that may have 2 GiB; the 3 GiB of the file are a hole on the disk."""
    header = (
        "ObjectType = Image\nNDims = 3\nDimSize = 1024 1024 1500\nElementType = MET_SHORT\nElementDataFile = a.raw\n"
    )
    (tmp_path / "a.mhd").write_text(header)
    with (tmp_path / "a.raw").open("wb") as file:
        file.truncate(1024 * 1024 * 1500 * 2)
    code = f"""
import resource
from pathlib import Path
from delineate.core.shortage import shortage
from delineate.formats import read_volume
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
try:
    read_volume(Path({str(tmp_path / "a.mhd")!r}))
except Exception as error:
    print(shortage(error))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("the memory ran out: Failed to allocate memory")
