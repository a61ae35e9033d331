from __future__ import annotations

import zlib

import blosc2
import numpy as np
import pytest

from delineate.store.checksum import checksum_of, chunk_sums, crc_of_file


@pytest.fixture
def frame():
    array = np.random.default_rng(0).integers(0, 50, (32, 40, 48)).astype(np.int16)
    array[16:] = 0  # chunks of zeros alone take no place in the file
    return blosc2.asarray(array, chunks=(16, 20, 24), contiguous=True)


def test_a_file_is_whole_or_its_fault_is_told(tmp_path):
    data, path = b"voxels" * 1000, tmp_path / "a.npy"
    path.write_bytes(data)
    known = checksum_of(data)
    assert crc_of_file(path) == known.crc32 == zlib.crc32(data) and known.size == len(data)
    assert known.fault(path) == ""
    path.write_bytes(data[:-1])
    assert "5999 bytes instead of 6000" in known.size_fault(path) and known.fault(path)
    path.write_bytes(data[:-1] + b"S")
    assert known.size_fault(path) == "" and "changed" in known.fault(path)
    path.unlink()
    assert "No such file" in known.fault(path)


def test_every_flip_is_in_the_frame_or_in_a_chunk(frame, tmp_path):
    """The sum of the frame sees all bytes but those of the chunks."""
    data, path = frame.to_cframe(), tmp_path / "a.b2nd"
    known = checksum_of(data, chunked=True)
    chunks = b"".join(frame.schunk.get_chunk(n) for n in range(4))
    start = data.index(chunks)
    places = [0, 5, 13, 20, 40, 46, start - 1, start, start + len(chunks) // 2, start + len(chunks), len(data) - 1]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 16
        path.write_bytes(flipped)
        inside = start <= place < start + len(chunks)
        assert (known.frame_fault(path) == "") == inside, place
        assert known.fault(path)
    path.write_bytes(data)
    assert known.frame_fault(path) == known.fault(path) == ""


def test_every_chunk_has_a_sum(frame):
    sums = chunk_sums(frame)
    assert sums.shape == (8,) and sums.dtype == np.uint32
    assert sums[3] == zlib.crc32(frame.schunk.get_chunk(3))
