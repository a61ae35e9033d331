from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from delineate.core.errors import RunError, UsageError
from delineate.store import chunks
from delineate.store.chunks import Store
from delineate.store.entry import write_entry
from delineate.store.prepare import prepare_dataset


@pytest.fixture
def store(words, written, tmp_path):
    plan = words.plan_of((1.0, 1.0, 1.0))
    return prepare_dataset(written(3), plan.labels, plan, tmp_path / "p", 2**33)


@pytest.mark.parametrize("cache_bytes", [0, 6000, 2**20])
def test_boxes_over_every_border_equal_the_padded_whole(store, cache_bytes):
    store = Store.open_folder(store.folder, cache_bytes=cache_bytes)
    rng = np.random.default_rng(0)
    image, label = store.whole("case1")
    assert image.dtype == np.float32 and label.max() == 2
    image, label = np.pad(image, ((0, 0), *[(40, 40)] * 3)), np.pad(label, 40)
    for _ in range(60):
        start, shape = rng.integers(-20, 20, 3), rng.integers(1, 18, 3)
        got, ids = store.read_box("case1", tuple(start), tuple(shape))
        box = tuple(slice(s + 40, s + 40 + n) for s, n in zip(start, shape, strict=True))
        np.testing.assert_array_equal(got, image[(slice(None), *box)])
        np.testing.assert_array_equal(ids, label[box])


@pytest.mark.parametrize("cache_bytes", [0, 6000, 2**20])
def test_threads_may_read_at_once(store, cache_bytes):
    expected = {n: store.whole(n) for n in store.names}
    store = Store.open_folder(store.folder, cache_bytes=cache_bytes)

    def read(k):
        name = store.names[k % 3]
        image, label = store.read_box(name, (0, k % 5, 2), (10, 6, 9))
        whole, ids = expected[name]
        there = (slice(None), slice(k % 5, k % 5 + 6), slice(2, 11))
        return (image == whole[(slice(None), *there)]).all() and (label == ids[there]).all()

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(300)))


def test_cases_are_kept_decompressed_if_all_fit_and_else_only_tiny_ones(store, monkeypatch):
    def kept(cache_bytes):
        opened = Store.open_folder(store.folder, cache_bytes=cache_bytes)
        return [isinstance(opened.open(name).image_czyx, np.ndarray) for name in opened.names]

    monkeypatch.setattr(chunks, "TINY_BYTES", 10)
    assert all(kept(store.size_bytes)) and not any(kept(store.size_bytes - 1))
    monkeypatch.setattr(chunks, "TINY_BYTES", store.size_bytes)
    assert all(kept(store.size_bytes - 1))


def test_only_touched_chunks_are_read(store, words, written, tmp_path):
    """With every other chunk of the file damaged, a box within one chunk still reads."""
    shape, name = (64, 128, 128), "case0"
    entry = store._entries[name].model_copy(
        update={"trace": store.trace(name).model_copy(update={"prepared_shape": shape})}
    )
    image = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
    label = np.zeros(shape, np.uint8)
    folder = store.folder / store._indexed[name].folder
    write_entry(folder, entry, image, label, np.zeros((0, 4), np.int32), (64, 64, 64))
    opened = Store.open_folder(store.folder, cache_bytes=0).open(name)
    assert opened.image_czyx.chunks == (1, 32, 32, 32)
    data = bytearray((folder / "image.b2nd").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    (folder / "image.b2nd").write_bytes(data)
    damaged = Store.open_folder(store.folder, cache_bytes=0)
    got, _ = damaged.read_box(name, (0, 0, 0), (32, 32, 32))
    np.testing.assert_array_equal(got, image[:, :32, :32, :32].astype(np.float16))


def test_foreground_gives_places_of_every_id(store):
    _, label = store.whole("case2")
    found = store.foreground("case2")
    assert sorted(found) == [1, 2]
    for i, places in found.items():
        assert places.dtype == np.int32
        np.testing.assert_array_equal(places, np.argwhere(label == i))


def test_a_store_can_be_sent_to_another_process(store):
    twin = pickle.loads(pickle.dumps(store))
    np.testing.assert_array_equal(twin.whole("case0")[0], store.whole("case0")[0])


def test_what_is_not_there_is_told(store, tmp_path):
    with pytest.raises(UsageError, match="no prepared case is named 'x'"):
        store.shape("x")
    with pytest.raises(RunError, match="holds 0 prepared"):
        Store.open_folder(tmp_path / "nothing")


def test_boxes_are_read_into_what_is_given(store):
    """Also into views and other types of ids, from files and from memory."""
    for cache_bytes in (0, 2**20):
        source = Store.open_folder(store.folder, cache_bytes=cache_bytes)
        for start, shape in (((-3, 2, 1), (8, 20, 7)), ((1, 2, 3), (4, 5, 6)), ((50, 0, 0), (2, 2, 2))):
            wanted, wanted_ids = source.read_box("case1", start, shape)
            image = np.full((*shape, 1), 7, np.float32).transpose(3, 0, 1, 2)
            ids = np.full((*shape, 2), 7, np.int64)[..., 1]
            source.read_into("case1", start, image, ids)
            np.testing.assert_array_equal(image, wanted)
            np.testing.assert_array_equal(ids, wanted_ids)
