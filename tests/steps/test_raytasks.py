"""What a training takes of a cluster; no cluster is needed to know."""

from __future__ import annotations

import sys

import pytest

from delineate.core.errors import BudgetError, UsageError
from delineate.steps.raytasks import Share, work_with_ray
from delineate.steps.study import StudyFolder

GIB = 1024**3
SMALL = {"CPU": 4.0, "memory": 8.0 * GIB}
LARGE = {"CPU": 16.0, "GPU": 2.0, "memory": 64.0 * GIB}


def test_a_gpu_is_taken_where_there_is_one_and_all_cores_of_the_smallest_that_has_it():
    assert Share(None, None, 4 * GIB).of([SMALL, LARGE]) == {"num_cpus": 16, "num_gpus": 1.0, "memory": 4 * GIB}
    assert Share(None, None, 4 * GIB).of([SMALL]) == {"num_cpus": 4, "num_gpus": 0.0, "memory": 4 * GIB}


def test_no_gpu_is_taken_where_the_cpu_was_asked_for():
    assert Share(None, None, 4 * GIB, "cpu").of([SMALL, LARGE])["num_gpus"] == 0


def test_what_is_asked_is_taken():
    assert Share(2, 0.5, GIB).of([LARGE]) == {"num_cpus": 2, "num_gpus": 0.5, "memory": GIB}


@pytest.mark.parametrize("share", [Share(5, 0, GIB), Share(1, 1, GIB), Share(1, 0, 9 * GIB)])
def test_what_no_machine_has_is_told_instead_of_waited_for(share):
    with pytest.raises(BudgetError, match="no machine of the Ray cluster"):
        share.of([SMALL])


def test_ray_that_is_not_installed_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match="not installed"):
        work_with_ray(StudyFolder(tmp_path), [], "local", Share(1, 0, GIB), lambda _: None)
