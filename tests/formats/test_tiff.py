from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from delineate.core.errors import FormatError
from delineate.formats import read_info, read_label, read_volume

STACK = np.random.default_rng(0).integers(0, 60000, (6, 4, 5), dtype=np.uint16)
COLOUR = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 4), dtype=np.uint8)


def agree(path: Path) -> np.ndarray:
    volume, info = read_volume(path), read_info(path)
    assert (info.geometry, info.channels) == (volume.geometry, volume.array_czyx.shape[0])
    assert info.dtype == volume.array_czyx.dtype
    assert info.kind == ("picture" if volume.geometry.shape[0] == 1 else "scan")
    return volume.array_czyx


def test_pages_are_slices(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK, photometric="minisblack")
    np.testing.assert_array_equal(agree(tmp_path / "a.tif")[0], STACK)
    tifffile.imwrite(tmp_path / "i.tif", STACK, imagej=True, metadata={"axes": "ZYX", "spacing": 3.0})
    np.testing.assert_array_equal(agree(tmp_path / "i.tif")[0], STACK)
    tifffile.imwrite(tmp_path / "be.tiff", STACK.astype(">i2"), photometric="minisblack", byteorder=">")
    np.testing.assert_array_equal(agree(tmp_path / "be.tiff")[0], STACK.astype(np.int16))


def test_pages_written_one_by_one(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for page in STACK:
            writer.write(page, contiguous=False, metadata=None)
    np.testing.assert_array_equal(agree(tmp_path / "a.tif")[0], STACK)


@pytest.mark.parametrize("pages", [1, 6])
@pytest.mark.parametrize("samples", [3, 4])
def test_colours_without_transparency(pages: int, samples: int, tmp_path: Path) -> None:
    array = COLOUR[:pages, ..., :samples]
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="rgb")
    np.testing.assert_array_equal(agree(tmp_path / "a.tif"), np.moveaxis(array[..., :3], -1, 0))


def test_imagej_channels_and_slices(tmp_path: Path) -> None:
    array = np.stack([STACK, STACK[::-1]], 1)
    tifffile.imwrite(tmp_path / "a.tif", array, imagej=True, metadata={"axes": "ZCYX"})
    np.testing.assert_array_equal(agree(tmp_path / "a.tif"), array.transpose(1, 0, 2, 3))


def test_time_and_slices_at_once_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", STACK.reshape(2, 3, 4, 5), imagej=True, metadata={"axes": "TZYX"})
    with pytest.raises(FormatError, match="TZYX"):
        read_info(tmp_path / "a.tif")


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("pages", [1, 3])
def test_the_usual_compressions(compression: str, pages: int, tmp_path: Path) -> None:
    grey = [Image.fromarray(p) for p in (STACK % 256).astype(np.uint8)[:pages]]
    grey[0].save(tmp_path / "g.tif", compression=compression, save_all=True, append_images=grey[1:])
    np.testing.assert_array_equal(agree(tmp_path / "g.tif")[0], STACK[:pages] % 256)
    rgba = [Image.fromarray(p) for p in COLOUR[:pages]]
    rgba[0].save(tmp_path / "c.tif", compression=compression, save_all=True, append_images=rgba[1:])
    np.testing.assert_array_equal(agree(tmp_path / "c.tif"), np.moveaxis(COLOUR[:pages, ..., :3], -1, 0))
    deep = [Image.fromarray(p) for p in STACK[:pages]]
    deep[0].save(tmp_path / "d.tif", compression=compression, save_all=True, append_images=deep[1:])
    np.testing.assert_array_equal(agree(tmp_path / "d.tif")[0], STACK[:pages])


def test_a_mask_stack_keeps_its_numbers(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", (STACK % 4).astype(np.float32), photometric="minisblack")
    label = read_label(tmp_path / "a.tif")
    assert label.array_czyx.dtype == np.uint8
    np.testing.assert_array_equal(label.array_czyx[0], STACK % 4)


def test_pictures_of_different_sizes_are_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(STACK[0], metadata=None)
        writer.write(STACK[0, :2], metadata=None)
    with pytest.raises(FormatError, match="different sizes"):
        read_volume(tmp_path / "a.tif")
