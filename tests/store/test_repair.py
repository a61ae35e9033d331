from __future__ import annotations

import pytest

from delineate.store.prepare import prepare_dataset
from delineate.store.repair import remove_damaged

FILES = ("image.b2nd", "label.b2nd", "foreground.npy", "checksums.npy", "case.json")


@pytest.mark.parametrize("file", FILES)
def test_damaged_cases_are_removed_and_made_again_as_they_were(words, written, tmp_path, file):
    data, plan = written(3), words.plan_of((1.0, 1.0, 1.0))

    def prepare():
        return prepare_dataset(data, plan.labels, plan, tmp_path / "p", 2**33)

    store = prepare()
    folder = store.folder / store._indexed["case1"].folder
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert remove_damaged(store.folder) == ()
    spoilt = bytearray(before[file])
    spoilt[len(spoilt) // 2] ^= 255
    (folder / file).write_bytes(spoilt)
    seen = []
    found = remove_damaged(store.folder, lambda *n: seen.append(n))
    assert found == (("case1",) if file != "case.json" else (folder.name,))
    assert seen == [(1, 3), (2, 3), (3, 3)] and not folder.exists()
    prepare()
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_a_shortened_file_needs_no_asking(words, written, tmp_path):
    data, plan = written(1), words.plan_of((1.0, 1.0, 1.0))
    store = prepare_dataset(data, plan.labels, plan, tmp_path / "p", 2**33)
    image = store.folder / store._indexed["case0"].folder / "image.b2nd"
    whole = image.read_bytes()
    image.write_bytes(whole[:-5])
    prepare_dataset(data, plan.labels, plan, tmp_path / "p", 2**33)
    assert image.read_bytes() == whole


def test_nothing_prepared_is_nothing_damaged(tmp_path):
    assert remove_damaged(tmp_path / "none") == ()
