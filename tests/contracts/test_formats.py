"""What every file format must do: bring back voxels, and the grid exactly where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry, corner_distance_mm
from delineate.core.volume import Volume
from delineate.formats import FORMATS, read_geometry, read_info, read_label, read_volume, write_volume

WRITING = [(name, suffix) for name in FORMATS if FORMATS[name].writes for suffix in FORMATS[name].suffixes]
PLACING = [(name, suffix) for name, suffix in WRITING if FORMATS[name].places]


def make_array(name: str, dtype: str, channels: int, seed: int = 0) -> np.ndarray:
    """Voxels that use the whole range of their type."""
    rng = np.random.default_rng(seed)
    shape = (channels, 3 if FORMATS[name].stacks else 1, 4, 5)
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    array = rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)
    array.flat[:2] = limits.min, limits.max
    return array


def rotations(seed: int) -> np.ndarray:
    """A random direction matrix, mirrored for odd seeds."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return q * ((1, 1, 1) if (np.linalg.det(q) > 0) == (seed % 2 == 0) else (1, 1, -1))


def make_geometry(shape: tuple[int, int, int], seed: int, flips: tuple[int, int, int] = (1, 1, 1)) -> Geometry:
    rng = np.random.default_rng(seed)
    direction = np.eye(3)[:, ::-1] * flips if seed == 0 else rotations(seed)
    affine = np.eye(4)
    affine[:3, :3] = direction * rng.uniform(0.3, 5, 3)
    affine[:3, 3] = rng.uniform(-300, 300, 3)
    return Geometry.from_affine(shape, affine)


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_format_says_what_it_is(name: str) -> None:
    kind = FORMATS[name]
    assert kind.name == name
    assert kind.suffixes and all(s.startswith(".") and s == s.lower() for s in kind.suffixes)
    assert not (kind.lossy and kind.writes)
    assert (kind.__doc__ and "``" in kind.__doc__) or "bit" in str(kind.__doc__)


def test_no_two_formats_share_a_suffix() -> None:
    suffixes = [s for name in FORMATS for s in FORMATS[name].suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize(("name", "suffix"), WRITING)
def test_voxels_come_back(name: str, suffix: str, tmp_path: Path) -> None:
    for dtype in FORMATS[name].dtypes:
        for channels in FORMATS[name].channels:
            array = make_array(name, dtype, channels)
            path = tmp_path / f"{dtype}{channels}{suffix}"
            write_volume(path, Volume(array, Geometry(shape=array.shape[1:])))
            back = read_volume(path)
            assert back.array_czyx.dtype == dtype, (dtype, channels)
            np.testing.assert_array_equal(back.array_czyx, array, err_msg=f"{dtype} {channels}")
            assert back.array_czyx.flags.c_contiguous and back.array_czyx.dtype.isnative
            info = read_info(path)
            assert (info.channels, info.dtype, info.geometry) == (channels, dtype, back.geometry)
    written = len(FORMATS[name].dtypes) * len(FORMATS[name].channels)
    assert len(list(tmp_path.iterdir())) == written, "one file each, nothing left behind"


@pytest.mark.parametrize(("name", "suffix"), WRITING)
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_a_mask_comes_back(name: str, suffix: str, dtype: type, tmp_path: Path) -> None:
    values = make_array(name, "uint8", 1) % (2 if dtype is bool else 250)
    volume = Volume(values.astype(dtype), Geometry(shape=values.shape[1:]))
    write_volume(tmp_path / f"mask{suffix}", volume)
    back = read_label(tmp_path / f"mask{suffix}")
    assert back.array_czyx.dtype.kind in "iu"
    np.testing.assert_array_equal(back.array_czyx, values)


@pytest.mark.parametrize(("name", "suffix"), PLACING)
@pytest.mark.parametrize("seed", range(5))
def test_the_place_comes_back_oblique_and_mirrored(name: str, suffix: str, seed: int, tmp_path: Path) -> None:
    array = make_array(name, "uint8", 1)
    geometry = make_geometry(array.shape[1:], seed)
    path = tmp_path / f"a{suffix}"
    write_volume(path, Volume(array, geometry))
    assert corner_distance_mm(read_geometry(path), geometry) < 1e-3
    assert read_volume(path).geometry == read_geometry(path)
    write_volume(tmp_path / f"b{suffix}", read_volume(path))
    again = read_geometry(tmp_path / f"b{suffix}")
    assert corner_distance_mm(again, read_geometry(path)) < 1e-9, "a second trip must not drift"


@pytest.mark.parametrize(("name", "suffix"), PLACING)
@pytest.mark.parametrize("flips", [(1, 1, -1), (1, -1, 1), (-1, 1, 1), (-1, -1, -1)])
def test_the_place_comes_back_flipped(name: str, suffix: str, flips: tuple[int, int, int], tmp_path: Path) -> None:
    array = make_array(name, "int16", 1)
    geometry = make_geometry(array.shape[1:], 0, flips)
    write_volume(tmp_path / f"a{suffix}", Volume(array, geometry))
    back = read_volume(tmp_path / f"a{suffix}")
    assert corner_distance_mm(back.geometry, geometry) < 1e-3
    np.testing.assert_array_equal(back.array_czyx, array)


@pytest.mark.parametrize(("name", "suffix"), [w for w in WRITING if not FORMATS[w[0]].stacks])
def test_slices_that_do_not_fit_are_refused(name: str, suffix: str, tmp_path: Path) -> None:
    volume = Volume(np.zeros((1, 2, 3, 3), np.uint8), Geometry(shape=(2, 3, 3)))
    with pytest.raises(FormatError, match="slices"):
        write_volume(tmp_path / f"a{suffix}", volume)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "suffix"), WRITING)
def test_damaged_files_are_told_by_name(name: str, suffix: str, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 250, (1, 1, 64, 64), dtype=np.uint8)
    path = tmp_path / f"whole{suffix}"
    write_volume(path, Volume(array, Geometry(shape=(1, 64, 64))))
    for size in (0, 7, path.stat().st_size // 2):
        short = tmp_path / f"short{size}{suffix}"
        short.write_bytes(path.read_bytes()[:size])
        with pytest.raises(FormatError, match=f"short{size}"):
            read_volume(short)
    with pytest.raises(FormatError, match="missing"):
        read_info(tmp_path / f"missing{suffix}")


@pytest.mark.parametrize(("name", "suffix"), WRITING)
def test_the_same_voxels_give_the_same_bytes(name: str, suffix: str, tmp_path: Path) -> None:
    array = make_array(name, "uint8", 1)
    for file in ("a", "b"):
        write_volume(tmp_path / f"{file}{suffix}", Volume(array, Geometry(shape=array.shape[1:])))
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
