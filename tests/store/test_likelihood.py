from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from delineate.core.errors import DataError, GeometryError
from delineate.store.likelihood import EDGE, BlockMap, block_grid, block_sums, find_maps, prepare_likelihoods
from delineate.store.resample import resample_linear
from delineate.store.scan import prepare_case


def brute_sums(array):
    out = np.zeros(block_grid(array.shape))
    for place, value in np.ndenumerate(array):
        out[tuple(v // EDGE for v in place)] += value
    return out


@pytest.fixture
def prepared(words, tmp_path):
    """Writes a map on the grid of a scan that is turned and resampled; gives the file and the trace."""

    def write(array=None, spacing_mm=(1.7, 1.3, 0.8)):
        volume = words.scan_of(shape=(11, 19, 23))
        _, trace = prepare_case(volume, words.plan_of(spacing_mm), words.plan_of(spacing_mm).stages[0])
        if array is None:
            array = np.random.default_rng(3).random((11, 19, 23)).astype(np.float32)
        affine = np.diag([-1.0, -1, 1, 1]) @ _xyz(volume.geometry.affine)
        nib.save(nib.Nifti1Image(array.T, affine), tmp_path / "case.nii.gz")
        return array, tmp_path / "case.nii.gz", trace

    return write


def _xyz(affine_zyx):
    """Columns in array order x, y, z, as nibabel has them."""
    return affine_zyx[:, [2, 1, 0, 3]]


@pytest.mark.parametrize("shape", [(8, 8, 8), (1, 1, 37), (9, 16, 3)])
def test_sums_over_blocks(shape):
    array = np.random.default_rng(0).random(shape)
    np.testing.assert_allclose(block_sums(array), brute_sums(array))


def test_voxels_are_drawn_by_their_blocks_weight():
    weights = np.array([[[1.0, 0.0, 3.0]]])
    found = BlockMap.of(weights, (3, 2, 18))
    rng = np.random.default_rng(0)
    voxels = np.array([found.voxel(rng) for _ in range(4000)])
    blocks = np.bincount(voxels[:, 2] // EDGE, minlength=3)
    assert blocks[1] == 0 and abs(blocks[2] - 3000) < 150
    last = {(z, y, x) for z in range(3) for y in range(2) for x in (16, 17)}
    assert set(map(tuple, voxels[voxels[:, 2] > 15])) == last


@pytest.mark.parametrize("spacing_mm", [(1.7, 1.3, 0.8), (3.0, 1.0, 1.2)])
def test_the_map_is_brought_to_the_prepared_grid(prepared, tmp_path, spacing_mm):
    array, path, trace = prepared(spacing_mm=spacing_mm)
    assert trace.resamples == (spacing_mm[0] == 1.7)
    likelihoods = prepare_likelihoods({"case": path}, {"case": trace}, tmp_path / "kept")
    expected = brute_sums(resample_linear(trace.view(array), trace.prepared_shape)).ravel()
    np.testing.assert_allclose(np.diff(likelihoods.get("case").sums, prepend=0), expected, rtol=1e-4)
    assert likelihoods.names() == ("case",) and likelihoods.get("other") is None


def test_it_stays_in_a_mapped_file_and_is_made_once(prepared, tmp_path):
    _, path, trace = prepared()
    made = set()
    for _ in range(2):
        sums = prepare_likelihoods({"case": path}, {"case": trace}, tmp_path / "kept").get("case").sums
        assert isinstance(sums, np.memmap)
        made |= {(f.name, f.stat().st_mtime_ns) for f in (tmp_path / "kept").iterdir()}
    assert len(made) == 2, "the sums and their card, and nothing the second time"
    assert len(sums) == np.prod(block_grid(trace.prepared_shape))


def truncate(file, other):
    file.write_bytes(file.read_bytes()[:-16])


def garble(file, other):
    data = bytearray(file.read_bytes())
    data[-3] ^= 64
    file.write_bytes(data)


def exchange(file, other):
    """Sums and card of another map under this one's names."""
    for suffix in (".npy", ".json"):
        file.with_suffix(suffix).write_bytes(other.with_suffix(suffix).read_bytes())


def exchange_sums(file, other):
    file.write_bytes(other.read_bytes())


def forget_card(file, other):
    file.with_suffix(".json").unlink()
    garble(file, other)


def break_card(file, other):
    file.with_suffix(".json").write_text('{"key": ')
    truncate(file, other)


@pytest.mark.parametrize("spoil", [truncate, garble, exchange, exchange_sums, forget_card, break_card])
def test_sums_that_are_not_as_they_were_written_are_made_again(prepared, tmp_path, spoil):
    kept = tmp_path / "kept"
    _, path, trace = prepared(np.random.default_rng(5).random((11, 19, 23)).astype(np.float32))
    prepare_likelihoods({"case": path}, {"case": trace}, kept)
    (other,) = kept.glob("*.npy")
    _, path, trace = prepared()
    expected = np.array(prepare_likelihoods({"case": path}, {"case": trace}, kept).get("case").sums)
    (file,) = set(kept.glob("*.npy")) - {other}
    spoil(file, other)
    for _ in range(2):
        sums = prepare_likelihoods({"case": path}, {"case": trace}, kept).get("case").sums
        np.testing.assert_array_equal(sums, expected)


def test_zeros_are_told(prepared, tmp_path):
    _, path, trace = prepared(np.zeros((11, 19, 23), np.float32))
    with pytest.raises(DataError, match="case is 0 everywhere"):
        prepare_likelihoods({"case": path}, {"case": trace}, tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("*"))


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_what_is_no_weight_is_told(prepared, tmp_path, value):
    array = np.ones((11, 19, 23), np.float32)
    array[3, 3, 3] = value
    _, path, trace = prepared(array)
    with pytest.raises(DataError, match="holds values"):
        prepare_likelihoods({"case": path}, {"case": trace}, tmp_path / "kept")


def test_another_grid_is_told(prepared, tmp_path):
    _, path, trace = prepared()
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5), np.float32), np.eye(4)), path)
    with pytest.raises(GeometryError, match="grid of its scan"):
        prepare_likelihoods({"case": path}, {"case": trace}, tmp_path / "kept")


def test_missing_maps_are_named(tmp_path):
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5), np.float32), np.eye(4)), tmp_path / "a.nii.gz")
    assert find_maps(("a",), tmp_path) == {"a": tmp_path / "a.nii.gz"}
    with pytest.raises(DataError, match=r"2 of 3 cases have no probability map.*b, c"):
        find_maps(("a", "b", "c"), tmp_path)
    with pytest.raises(DataError, match="1 of 1"):
        find_maps(("a",), tmp_path / "nowhere")
