from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from delineate.core.errors import FormatError, GeometryError
from delineate.core.geometry import corner_distance_mm
from delineate.core.volume import Volume
from delineate.formats import read_info, read_label, read_volume, write_volume

Save = Callable[..., Path]
ARRAY = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)
SLOPE = 112
QUATERN = 256
CODES = [(0, 0), (0, 1), (0, 2), (1, 0), (2, 0), (1, 1), (2, 1), (4, 2)]


def set_scale(path: Path, slope: float, intercept: float) -> None:
    put_floats(path, SLOPE, slope, intercept)


def put_floats(path: Path, offset: int, *values: float) -> None:
    """Overwrite fields of the header of an uncompressed little-endian file."""
    raw = bytearray(path.read_bytes())
    raw[offset : offset + 4 * len(values)] = np.asarray(values, "<f4").tobytes()
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize(("sform", "qform"), CODES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_affine_forms_and_codes_come_back_bit_equal(
    sform: int, qform: int, seed: int, save_nifti: Save, tmp_path: Path
) -> None:
    path = save_nifti(ARRAY, seed, sform, qform)
    volume = read_volume(path)
    mask = volume.with_array((volume.array_czyx > 50).astype(np.uint8))
    write_volume(tmp_path / "out.nii.gz", mask)
    before, after = nib.load(path), nib.load(tmp_path / "out.nii.gz")
    assert np.array_equal(before.affine, after.affine)
    for field in ("srow_x", "srow_y", "srow_z", "sform_code", "qform_code", "quatern_b", "quatern_c", "quatern_d"):
        assert np.array_equal(before.header[field], after.header[field]), field
    for field in ("qoffset_x", "qoffset_y", "qoffset_z", "pixdim", "xyzt_units"):
        assert np.array_equal(before.header[field], after.header[field]), field
    assert after.get_data_dtype() == np.uint8
    np.testing.assert_array_equal(np.asarray(after.dataobj), ARRAY > 50)


@pytest.mark.parametrize("seed", range(4))
def test_the_world_is_the_one_simpleitk_sees(seed: int, save_nifti: Save) -> None:
    path = save_nifti(ARRAY, seed, sform=0, qform=1)
    volume, image = read_volume(path), SimpleITK.ReadImage(str(path))
    np.testing.assert_array_equal(volume.array_czyx[0], SimpleITK.GetArrayFromImage(image))
    for x, y, z in [(0, 0, 0), (3, 0, 0), (0, 4, 0), (0, 0, 5), (3, 4, 5)]:
        seen = image.TransformIndexToPhysicalPoint((x, y, z))
        np.testing.assert_allclose(volume.geometry.to_world((z, y, x)), seen, atol=2e-3)


@pytest.mark.parametrize("seed", range(4))
def test_a_volume_without_header_lies_where_simpleitk_expects_it(seed: int, save_nifti: Save, tmp_path: Path) -> None:
    geometry = read_volume(save_nifti(ARRAY, seed)).geometry
    write_volume(tmp_path / "out.nii", Volume(ARRAY.T[None].copy(), geometry))
    image = SimpleITK.ReadImage(str(tmp_path / "out.nii"))
    np.testing.assert_allclose(image.TransformIndexToPhysicalPoint((3, 4, 5)), geometry.to_world((5, 4, 3)), atol=2e-3)
    header = nib.load(tmp_path / "out.nii").header
    assert (header["sform_code"], header["qform_code"]) == (1, 1)
    np.testing.assert_allclose(header.get_qform(), header.get_sform(), atol=1e-3)


def test_a_header_of_another_grid_is_not_used(save_nifti: Save, tmp_path: Path) -> None:
    volume = read_volume(save_nifti(ARRAY))
    flips = (True, False, False)
    moved = Volume(volume.array_czyx[:, ::-1].copy(), volume.geometry.flipped(flips), volume.header)
    write_volume(tmp_path / "out.nii.gz", moved)
    assert corner_distance_mm(read_volume(tmp_path / "out.nii.gz").geometry, moved.geometry) < 1e-3


def test_the_fourth_axis_becomes_the_channels(save_nifti: Save, tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(4, 5, 6, 3)).astype(np.float32)
    path = save_nifti(array)
    volume = read_volume(path)
    assert volume.array_czyx.shape == (3, 6, 5, 4)
    np.testing.assert_array_equal(volume.array_czyx[2], array[..., 2].T)
    assert read_info(path).channels == 3
    write_volume(tmp_path / "mask.nii.gz", volume.with_array(volume.array_czyx[:1] > 0))
    assert nib.load(tmp_path / "mask.nii.gz").shape == (4, 5, 6)
    np.testing.assert_array_equal(nib.load(tmp_path / "mask.nii.gz").affine, nib.load(path).affine)


@pytest.mark.parametrize(("shape", "channels"), [((4, 5, 1, 1, 3), 3), ((4, 5, 6, 1), 1), ((4, 5), 1)])
def test_odd_numbers_of_axes(shape: tuple[int, ...], channels: int, save_nifti: Save, tmp_path: Path) -> None:
    path = save_nifti(np.zeros(shape, np.uint8), qform=0, sform=0 if len(shape) == 2 else 1)
    volume = read_volume(path)
    assert volume.array_czyx.shape[0] == channels == read_info(path).channels
    write_volume(tmp_path / "out.nii", volume)
    np.testing.assert_array_equal(nib.load(path).affine, nib.load(tmp_path / "out.nii").affine)


def test_two_more_axes_are_refused(save_nifti: Save) -> None:
    with pytest.raises(FormatError, match="axes"):
        read_volume(save_nifti(np.zeros((2, 2, 2, 2, 2), np.uint8)))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "float32", "float64", ">i2", ">f4"])
def test_types_stay_unless_the_header_scales(dtype: str, save_nifti: Save, tmp_path: Path) -> None:
    path = save_nifti((ARRAY % 100).astype(dtype), name="in.nii")
    assert read_volume(path).array_czyx.dtype == np.dtype(dtype).newbyteorder("=") == read_info(path).dtype
    set_scale(path, 0.5, -3)
    scaled = read_volume(path)
    assert scaled.array_czyx.dtype.kind == "f" and scaled.array_czyx.dtype == read_info(path).dtype
    np.testing.assert_allclose(scaled.array_czyx[0].T, ARRAY % 100 * 0.5 - 3)
    write_volume(tmp_path / "out.nii", scaled)
    np.testing.assert_array_equal(read_volume(tmp_path / "out.nii").array_czyx, scaled.array_czyx)


def test_a_scaled_mask_becomes_whole_numbers(save_nifti: Save) -> None:
    path = save_nifti((ARRAY % 3).astype(np.uint8) * 100, name="in.nii")
    set_scale(path, 0.01, 0)
    label = read_label(path)
    assert label.array_czyx.dtype == np.uint8
    np.testing.assert_array_equal(label.array_czyx[0].T, ARRAY % 3)


def test_sheared_affines_are_refused_with_the_way_out(save_nifti: Save, tmp_path: Path) -> None:
    affine = np.diag([1.0, 1, 3, 1])
    affine[1, 2] = 0.6
    nib.save(nib.Nifti1Image(ARRAY, affine), tmp_path / "tilted.nii.gz")
    for ask in (read_volume, read_info):
        with pytest.raises(GeometryError, match=r"tilted.nii.gz.*sheared") as caught:
            ask(tmp_path / "tilted.nii.gz")
        assert "resample" in caught.value.fix


def test_a_broken_qform_is_told(save_nifti: Save) -> None:
    path = save_nifti(ARRAY, sform=0, name="in.nii")
    put_floats(path, QUATERN, 0.9, 0.9, 0.9)
    with pytest.raises(GeometryError, match="qform"):
        read_info(path)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_truncated_file_is_told_and_its_header_may_still_be_read(share: float, save_nifti: Save) -> None:
    noise = np.random.default_rng(0).integers(0, 9999, (30, 30, 30)).astype(np.int16)
    path = save_nifti(noise)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(FormatError, match=r"in.nii.gz cannot be read"):
        read_volume(path)


def test_damaged_voxels_are_told(save_nifti: Save) -> None:
    path = save_nifti(np.random.default_rng(0).integers(0, 9999, (30, 30, 30)).astype(np.int16))
    raw = bytearray(path.read_bytes())
    raw[-4000] ^= 255
    path.write_bytes(bytes(raw))
    with pytest.raises(FormatError):
        read_volume(path)


def test_a_file_that_is_not_nifti_and_a_gz_that_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(b"hello" * 100)
    (tmp_path / "b.nii.gz").write_bytes(b"hello" * 100)
    (tmp_path / "c.nii.gz").write_bytes(gzip.compress(b"hello" * 100))
    for name in "a.nii", "b.nii.gz", "c.nii.gz":
        with pytest.raises(FormatError, match=name):
            read_info(tmp_path / name)


def test_complex_voxels_are_refused(save_nifti: Save) -> None:
    with pytest.raises(FormatError, match="complex64"):
        read_info(save_nifti(ARRAY.astype(np.complex64)))


def test_nifti_2_stays_nifti_2(tmp_path: Path) -> None:
    affine = np.diag([1.1, 1.2, 1.3, 1])
    nib.save(nib.Nifti2Image(ARRAY, affine), tmp_path / "in.nii.gz")
    write_volume(tmp_path / "out.nii.gz", read_volume(tmp_path / "in.nii.gz"))
    out = nib.load(tmp_path / "out.nii.gz")
    assert isinstance(out, nib.Nifti2Image)
    np.testing.assert_array_equal(out.affine, nib.load(tmp_path / "in.nii.gz").affine)
