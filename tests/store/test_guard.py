from __future__ import annotations

import zlib
from types import SimpleNamespace

import numpy as np
import pytest

from delineate.core.errors import StoreError
from delineate.store.chunks import Store
from delineate.store.entry import write_entry
from delineate.store.prepare import prepare_dataset

SHAPE, PATCH = (64, 64, 72), (64, 64, 72)
FILES = ("image.b2nd", "label.b2nd", "foreground.npy", "checksums.npy")


@pytest.fixture
def case(words, written, tmp_path):
    """A prepared case of eight chunks; its store and folder."""
    plan = words.plan_of((1.0, 1.0, 1.0))
    store = prepare_dataset(written(1), plan.labels, plan, tmp_path / "p", 2**33)
    rng = np.random.default_rng(0)
    trace = store.trace("case0").model_copy(update={"prepared_shape": SHAPE})
    entry = store._entries["case0"].model_copy(update={"trace": trace})
    image = rng.normal(size=(1, *SHAPE)).astype(np.float32)
    label = rng.integers(0, 3, SHAPE).astype(np.uint8)
    folder = store.folder / store._indexed["case0"].folder
    write_entry(folder, entry, image, label, np.argwhere(label == 1)[:500, [0, 0, 1, 2]].astype(np.int32), PATCH)
    return store.folder, folder


def read_all(store_folder) -> None:
    store = Store.open_folder(store_folder, cache_bytes=0)
    store.whole("case0")
    store.foreground("case0")


@pytest.mark.parametrize("cache_bytes", [0, 2**30])
@pytest.mark.parametrize("file", FILES)
def test_flipped_bits_anywhere_are_told_and_name_the_case(case, file, cache_bytes):
    store_folder, folder = case
    data = (folder / file).read_bytes()
    rng = np.random.default_rng(1)
    places = [0, 2, 12, 15, 40, len(data) - 1, len(data) - 20, *rng.integers(0, len(data), 20)]
    for place in places:
        flipped = bytearray(data)
        flipped[int(place)] ^= 1 << int(rng.integers(8))
        (folder / file).write_bytes(flipped)
        store = Store.open_folder(store_folder, cache_bytes=cache_bytes)
        with pytest.raises(StoreError, match=rf"case0 is damaged: {file}") as told:
            store.whole("case0")
            store.foreground("case0")
        assert "--resume --repair" in told.value.fix
    (folder / file).write_bytes(data)
    read_all(store_folder)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("left", [0, 10, 100, -1])
def test_truncated_files_are_told(case, file, left):
    store_folder, folder = case
    (folder / file).write_bytes((folder / file).read_bytes()[:left])
    with pytest.raises(StoreError, match=rf"case0 is damaged: {file}"):
        read_all(store_folder)


@pytest.mark.parametrize("file", FILES)
def test_missing_files_are_told(case, file):
    store_folder, folder = case
    (folder / file).unlink()
    with pytest.raises(StoreError, match=rf"case0 is damaged: {file}: No such file"):
        read_all(store_folder)


def test_chunks_are_compared_once_even_if_the_case_is_opened_anew(case, monkeypatch):
    from delineate.store import guard

    store = Store.open_folder(case[0], cache_bytes=0)
    compared = []
    monkeypatch.setattr(guard, "zlib", SimpleNamespace(crc32=lambda data: compared.append(1) or zlib.crc32(data)))
    store.read_box("case0", (0, 0, 0), (32, 32, 36))
    assert len(compared) == 2  # one chunk of the image and one of the label
    store.read_box("case0", (0, 0, 0), (33, 32, 36))
    assert len(compared) == 4
    first = store.open("case0")
    store._opened._kept.clear()
    assert store.open("case0") is not first
    store.read_box("case0", (0, 0, 0), (33, 32, 36))
    assert len(compared) == 4
    store.whole("case0")
    assert len(compared) == 16
