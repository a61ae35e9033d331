"""Two processes that prepare the same data into the same folder at once."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time

from delineate.store.lock import only_here
from delineate.store.prepare import prepare_dataset

PROGRAM = """
import json, sys, time
from pathlib import Path
from delineate.dataset.case import Dataset
from delineate.plan.plan import Plan
from delineate.store import workers
from delineate.store.prepare import prepare_dataset
ran, real = [], workers.run_job
def slow(job):
    ran.append(job.case.name)
    time.sleep(0.5)
    real(job)
workers.run_job = slow
root = Path(sys.argv[1])
data = Dataset.model_validate_json((root / "data.json").read_text())
plan = Plan.model_validate_json((root / "plan.json").read_text())
print("ready", flush=True)
sys.stdin.readline()
store = prepare_dataset(data, plan.labels, plan, root / "p", 2**33, workers=1)
print(json.dumps([ran, float(sum(store.whole(n)[0].sum() for n in store.names))]))
"""


def test_two_processes_do_the_work_once_and_both_have_it(words, written, tmp_path):
    data, plan = written(4), words.plan_of((1.5, 1.0, 1.0))
    data.save(tmp_path / "data.json")
    plan.save(tmp_path / "plan.json")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    told = []
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        told.append((*json.loads(out), err))
    assert sorted(ran for ran, _, _ in told) == [[], ["case0", "case1", "case2", "case3"]]
    alone = prepare_dataset(data, plan.labels, plan, tmp_path / "alone", 2**33)
    expected = float(sum(alone.whole(n)[0].sum() for n in alone.names))
    assert [total for _, total, _ in told] == [expected] * 2
    waited = next(err for ran, _, err in told if not ran)
    assert "waiting for" in waited and "prepares data in" in waited  # who has it may not have said so yet
    assert not list((tmp_path / "p").glob(".writing-*"))


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom delineate.store.lock import only_here\n"
        "with only_here(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.communicate()
    with only_here(tmp_path):
        pass


def test_one_waits_for_the_other_and_says_so(tmp_path, caplog):
    inside, order = threading.Event(), []

    def other():
        with only_here(tmp_path):
            inside.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait()
    with caplog.at_level(logging.WARNING), only_here(tmp_path):
        order.append("second")
    thread.join()
    assert order == ["first", "second"] and "waiting for process" in caplog.text
