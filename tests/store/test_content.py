from __future__ import annotations

import os
import time

from delineate.core.files import hash_file
from delineate.store import content
from delineate.store.content import Contents

LONG_AGO = (time.time() - 1000,) * 2


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(tmp_path, monkeypatch):
    path = tmp_path / "scan.nii"
    path.write_bytes(b"voxels")
    os.utime(path, LONG_AGO)
    read = []
    monkeypatch.setattr(content, "hash_file", lambda p: read.append(p.name) or hash_file(p))

    def hash_now():
        known = Contents.open_folder(tmp_path / "p")
        found = known.hash_of(path)
        known.save()
        return found

    first = hash_now()
    assert first == hash_now() == hash_file(path) and read == ["scan.nii"]
    path.write_bytes(b"VOXELS")
    assert hash_now() != first
    path.write_bytes(b"voxels")
    os.utime(path, LONG_AGO)  # as a copy that keeps times
    assert hash_now() == first and len(read) == 3


def test_a_change_is_seen_though_size_and_time_of_modification_were_set_back(tmp_path):
    path = tmp_path / "scan.nii"
    path.write_bytes(b"voxels")
    os.utime(path, LONG_AGO)
    known = Contents.open_folder(tmp_path)
    first = known.hash_of(path)
    time.sleep(0.05)
    path.write_bytes(b"VOXELS")
    os.utime(path, LONG_AGO)
    assert known.hash_of(path) == hash_file(path) != first


def test_a_file_written_just_now_is_not_trusted(tmp_path, monkeypatch):
    path = tmp_path / "scan.nii"
    path.write_bytes(b"voxels")
    known = Contents.open_folder(tmp_path)
    known.hash_of(path)
    known.save()
    assert Contents.open_folder(tmp_path)._known == {}


def test_a_damaged_memory_is_no_memory(tmp_path):
    (tmp_path / "hashes.json").write_text("{")
    path = tmp_path / "scan.nii"
    path.write_bytes(b"voxels")
    assert Contents.open_folder(tmp_path).hash_of(path) == hash_file(path)
