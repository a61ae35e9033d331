from __future__ import annotations

import shutil
import subprocess
import sys

import numpy as np
import pytest

from delineate.core.errors import BudgetError, DataError, DiskFullError, FormatError, LabelError, WorkerError
from delineate.core.labels import Labels
from delineate.dataset.read import read_case
from delineate.store import job, prepare, workers
from delineate.store.chunks import Store
from delineate.store.prepare import prepare_case, prepare_dataset, prepare_label

GIB = 2**30


def prepare_it(data, plan, folder, **options):
    return prepare_dataset(data, plan.labels, plan, folder, 64 * GIB, **options)


@pytest.mark.parametrize("count", [1, 2])
def test_the_store_holds_what_one_case_at_a_time_gives(words, written, tmp_path, count):
    data, plan = written(3), words.plan_of((2.0, 1.0, 1.5))
    seen = []
    store = prepare_it(data, plan, tmp_path / "p", workers=count, progress=lambda *n: seen.append(n))
    assert store.names == ("case0", "case1", "case2") and seen == [(1, 3), (2, 3), (3, 3)]
    for case in data.cases:
        volume, label = read_case(case, plan.labels)
        image, trace = prepare_case(volume, plan, plan.stages[0])
        kept, ids = store.whole(case.name)
        np.testing.assert_array_equal(kept, image.astype(np.float16))
        np.testing.assert_array_equal(ids, prepare_label(label.array_czyx[0], trace))
        assert store.trace(case.name) == trace and store.case(case.name) == case
    assert store.spacing_mm == (2.0, 1.0, 1.5)


def test_nothing_is_done_twice_and_only_what_changed_again(words, written, tmp_path, monkeypatch):
    data, plan = written(3), words.plan_of((1.0, 1.0, 1.0))
    ran = []
    monkeypatch.setattr(workers, "run_job", lambda j: (ran.append(j.case.name), job.run_job(j)))
    prepare_it(data, plan, tmp_path / "p")
    prepare_it(data, plan, tmp_path / "p")
    assert ran == ["case0", "case1", "case2"]
    bigger = plan.model_copy(update={"stages": (plan.stages[0].model_copy(update={"patch": (9, 9, 9), "batch": 7}),)})
    prepare_it(data, bigger, tmp_path / "p")
    assert len(ran) == 3  # the patch decides nothing here
    shutil.copy(data.cases[0].label, data.cases[1].images[0])
    prepare_it(data, plan, tmp_path / "p")
    assert ran[3:] == ["case1"]
    store = prepare_it(data, words.plan_of((1.0, 1.0, 2.0)), tmp_path / "p")
    assert ran[4:] == ["case0", "case1", "case2"] and store.shape("case0") == (10, 12, 7)
    assert len(list((tmp_path / "p").glob("*/case.json"))) == 3  # what no plan uses any more is gone


def test_equal_cases_are_prepared_once(words, written, tmp_path, monkeypatch):
    data, plan = written(1), words.plan_of((1.0, 1.0, 1.0))
    twin = data.cases[0].model_copy(update={"name": "twin"})
    ran = []
    monkeypatch.setattr(workers, "run_job", lambda j: (ran.append(j.case.name), job.run_job(j)))
    store = prepare_it(data.model_copy(update={"cases": (*data.cases, twin)}), plan, tmp_path / "p")
    assert ran == ["case0"] and store.names == ("case0", "twin")
    np.testing.assert_array_equal(store.whole("twin")[0], store.whole("case0")[0])


def test_every_stage_has_its_store(words, written, tmp_path):
    data, plan = written(2), words.plan_of((1.0, 1.0, 1.0))
    low = plan.stages[0].model_copy(update={"name": "low", "spacing_mm": (2.0, 2.0, 2.0)})
    store = prepare_it(data, plan.model_copy(update={"stages": (low, *plan.stages)}), tmp_path / "p")
    assert store.shape("case0") == (10, 12, 14)
    assert Store.open_folder(tmp_path / "p", "low").shape("case0") == (5, 6, 7)


def test_bad_files_are_told_by_both_ways_of_working(words, written, tmp_path):
    data, plan = written(2), words.plan_of((1.0, 1.0, 1.0))
    one = Labels.exclusive({1: "one"})
    for count in (1, 2):
        with pytest.raises(LabelError, match="case"):
            prepare_dataset(data, one, plan, tmp_path / "p", 64 * GIB, workers=count)
    data.cases[1].images[0].write_bytes(b"nothing")
    with pytest.raises(FormatError, match="image1"):
        prepare_it(data, plan, tmp_path / "p", workers=1)
    with pytest.raises(DataError, match="mask"):
        prepare_it(data.model_copy(update={"cases": ()}), plan, tmp_path / "p")


def test_a_killed_worker_names_its_case(words, written, tmp_path, monkeypatch):
    data, plan = written(2), words.plan_of((1.0, 1.0, 1.0))
    start = workers._start

    def doomed():
        process = start()
        process.kill()
        return process

    monkeypatch.setattr(workers, "_start", doomed)
    with pytest.raises(WorkerError, match=r"case[01] was killed for memory"):
        prepare_it(data, plan, tmp_path / "p", workers=2)


def test_workers_are_bounded_by_memory_and_not_started_for_little(words, written, tmp_path, monkeypatch):
    data, plan = written(2), words.plan_of((1.0, 1.0, 1.0))
    keys = [{"full": "a"}, {"full": "b"}]
    jobs = prepare._missing(data.cases, keys, plan.labels, plan, tmp_path)
    monkeypatch.setattr(prepare, "tree_bytes", lambda: GIB // 2)
    assert prepare._worker_count(jobs, GIB, None) == 1
    assert prepare._worker_count(jobs, GIB, 8) == 2
    assert prepare._worker_count(jobs, GIB, 0) == 0
    assert prepare._worker_count(jobs, GIB // 2 + prepare._WORKER_BYTES, 8) == 1
    with pytest.raises(BudgetError, match="case0"):
        prepare._worker_count(jobs, GIB // 2, 8)


def test_many_tiny_cases_start_no_processes(words, written, tmp_path, monkeypatch):
    """A process needs longer to start than tiny cases take."""
    monkeypatch.setattr(workers, "_start", None)
    data, plan = written(60), words.plan_of((1.0, 1.0, 1.0))
    assert len(prepare_it(data, plan, tmp_path / "p").names) == 60


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("cannot mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("count", [1, 2])
def test_a_full_disk_is_told_and_keeps_what_was_finished(words, written, small_disk, count):
    data, plan = written(4, (30, 40, 50)), words.plan_of((1.0, 1.0, 1.0))
    with pytest.raises(DiskFullError, match="no space left"):
        prepare_it(data, plan, small_disk / "p", workers=count)
    left = [p.name for p in (small_disk / "p").iterdir()]
    assert not any(n.startswith(".writing") for n in left) and (count == 2 or {*left} - {".lock", "hashes.json"})
