from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from PIL import Image

from delineate.core.errors import FormatError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import read_info, read_label, read_volume, write_volume

GREY = np.arange(20, dtype=np.uint8).reshape(4, 5)
COLOUR = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)


def agree(path: Path) -> np.ndarray:
    """The voxels, after checking that the header alone tells the same."""
    volume, info = read_volume(path), read_info(path)
    assert (info.geometry, info.channels, info.dtype) == (
        volume.geometry,
        volume.array_czyx.shape[0],
        volume.array_czyx.dtype,
    )
    assert info.kind == "picture" and volume.geometry == Geometry(shape=(1, *volume.array_czyx.shape[2:]))
    return volume.array_czyx[:, 0]


def palette_image(colours: list[tuple[int, int, int]]) -> Image.Image:
    image = Image.fromarray(GREY % len(colours)).convert("P")
    image = Image.frombytes("P", (5, 4), (GREY % len(colours)).tobytes())
    image.putpalette([v for colour in colours for v in colour])
    return image


def test_grey_of_8_and_16_bit(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    Image.fromarray(GREY.astype(np.uint16) * 3000).save(tmp_path / "b.png")
    np.testing.assert_array_equal(agree(tmp_path / "a.png")[0], GREY)
    np.testing.assert_array_equal(agree(tmp_path / "b.png")[0], GREY.astype(np.uint16) * 3000)


@pytest.mark.parametrize("alpha", [0, 255])
def test_transparency_is_dropped(alpha: int, tmp_path: Path) -> None:
    Image.fromarray(np.dstack([COLOUR, np.full((4, 5), alpha, np.uint8)])).save(tmp_path / "rgba.png")
    Image.merge("LA", [Image.fromarray(GREY), Image.new("L", (5, 4), alpha)]).save(tmp_path / "la.png")
    np.testing.assert_array_equal(agree(tmp_path / "rgba.png"), np.moveaxis(COLOUR, -1, 0))
    np.testing.assert_array_equal(agree(tmp_path / "la.png"), GREY[None])


@pytest.mark.parametrize("channels", [3, 4])
def test_16_bit_colours_are_not_cut(channels: int, tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(0, 65536, (4, 5, channels), dtype=np.uint16)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(array, isVector=True), str(tmp_path / "a.png"))
    np.testing.assert_array_equal(agree(tmp_path / "a.png"), np.moveaxis(array[..., :3], -1, 0))


def test_one_bit_becomes_0_and_1(tmp_path: Path) -> None:
    for name in ("a.png", "a.bmp", "a.tif"):
        Image.fromarray(GREY > 9).save(tmp_path / name)
        np.testing.assert_array_equal(agree(tmp_path / name)[0], GREY > 9)
        assert read_label(tmp_path / name).array_czyx.dtype == np.uint8


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "tif"])
def test_palettes(suffix: str, tmp_path: Path) -> None:
    colours = [(0, 0, 0), (128, 0, 0), (0, 128, 0)]
    palette_image(colours).save(tmp_path / f"c.{suffix}")
    palette_image([(0, 0, 0), (255, 255, 255)]).save(tmp_path / f"g.{suffix}")
    expected = np.moveaxis(np.asarray(colours, np.uint8)[GREY % 3], -1, 0)
    np.testing.assert_array_equal(agree(tmp_path / f"c.{suffix}"), expected)
    np.testing.assert_array_equal(read_label(tmp_path / f"c.{suffix}").array_czyx[0, 0], GREY % 3)
    white = 1 if suffix == "bmp" else 255  # Pillow calls a black and white BMP one bit
    np.testing.assert_array_equal(agree(tmp_path / f"g.{suffix}")[0], GREY % 2 * white)
    np.testing.assert_array_equal(read_label(tmp_path / f"g.{suffix}").array_czyx[0, 0], GREY % 2 * white)


@pytest.mark.parametrize("transparency", [b"\x00\xff", b"\x00\x80"])
def test_a_transparent_palette(transparency: bytes, tmp_path: Path) -> None:
    palette_image([(0, 0, 0), (200, 0, 0)]).save(tmp_path / "a.png", transparency=transparency)
    assert agree(tmp_path / "a.png").shape == (3, 4, 5)
    np.testing.assert_array_equal(read_label(tmp_path / "a.png").array_czyx[0, 0], GREY % 2)


def test_a_grey_mask_saved_as_rgb_is_one_channel(tmp_path: Path) -> None:
    Image.fromarray(np.dstack([GREY] * 3)).save(tmp_path / "a.png")
    assert agree(tmp_path / "a.png").shape[0] == 3
    np.testing.assert_array_equal(read_label(tmp_path / "a.png").array_czyx, GREY[None, None])


def test_a_coloured_mask_is_refused(tmp_path: Path) -> None:
    Image.fromarray(COLOUR).save(tmp_path / "a.png")
    with pytest.raises(LabelError, match="20 colours"):
        read_label(tmp_path / "a.png")


def test_jpeg_is_an_image_but_no_mask_and_no_output(tmp_path: Path) -> None:
    path = tmp_path / "a.JPG"
    Image.fromarray(COLOUR).save(path)
    np.testing.assert_array_equal(agree(path), np.moveaxis(np.asarray(Image.open(path)), -1, 0))
    with pytest.raises(LabelError, match="jpeg"):
        read_label(path)
    with pytest.raises(FormatError, match="only read"):
        write_volume(tmp_path / "b.jpg", read_volume(path))
    Image.fromarray(np.dstack([COLOUR, COLOUR[..., :1]]), "CMYK").save(tmp_path / "cmyk.jpg")
    assert agree(tmp_path / "cmyk.jpg").shape == (3, 4, 5)


def test_a_film_is_refused(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.gif", save_all=True, append_images=[Image.fromarray(GREY[::-1].copy())])
    with pytest.raises(FormatError, match="2 frames"):
        read_volume(tmp_path / "a.gif")


@pytest.mark.parametrize("value", [-1, 256 * 256])
def test_values_that_do_not_fit_are_refused_and_nothing_is_left(value: int, tmp_path: Path) -> None:
    volume = Volume(np.full((1, 1, 2, 2), value), Geometry(shape=(1, 2, 2)))
    with pytest.raises(FormatError, match="do not fit"):
        write_volume(tmp_path / "a.png", volume)
    with pytest.raises(FormatError, match="do not fit"):
        write_volume(tmp_path / "a.png", volume.with_array(volume.array_czyx + 0.5))
    assert not list(tmp_path.iterdir())
