from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate import counts
from delineate.evaluate.findings import Findings, find_in_case, id_names, join_findings

LABELS = Labels.exclusive({1: "liver", 2: "tumour"}, ignore_value=9)
GEOMETRY = Geometry(shape=(12, 14, 16), spacing_mm=(2.5, 1.0, 2.0))


def random_ids(seed, ignored=False):
    rng = np.random.default_rng(seed)
    ids = np.zeros(GEOMETRY.shape, np.uint8)
    for i in (1, 2):
        for _ in range(6):
            z, y, x = (int(rng.integers(0, n - 3)) for n in GEOMETRY.shape)
            ids[z : z + 2, y : y + 3, x : x + 3] = i
    if ignored:
        ids[:, :2] = 255
    return ids


def test_confusion_is_what_counting_pair_by_pair_gives():
    truth, prediction = random_ids(0, ignored=True), random_ids(1)
    found = find_in_case(prediction, truth, LABELS, GEOMETRY, "a")
    brute = [[int(((truth == i) & (prediction == j)).sum()) for j in range(3)] for i in range(3)]
    assert [list(row) for row in found.confusion] == brute
    assert sum(map(sum, found.confusion)) == (truth != 255).sum()


def test_the_voxels_are_counted_once(monkeypatch):
    calls = []
    counted = counts._runs
    monkeypatch.setattr(counts, "_runs", lambda *given: calls.append(1) or counted(*given))
    find_in_case(random_ids(0), random_ids(1), LABELS, GEOMETRY, "a")
    assert len(calls) == 1


def test_lesions_have_the_volumes_and_the_coverage_scipy_gives():
    truth, prediction = random_ids(2), random_ids(3)
    tumours = find_in_case(prediction, truth, LABELS, GEOMETRY, "a").lesions[1]
    numbered, n = ndimage.label(truth == 2, np.ones((3, 3, 3)))
    pieces = [numbered == k for k in range(1, n + 1)]
    expected = sorted((p.sum() * 0.005, bool((prediction[p] == 2).mean() >= 0.1)) for p in pieces)
    got = sorted(zip(tumours.volumes_ml, tumours.found, strict=True))
    assert [f for _, f in got] == [f for _, f in expected]
    assert [v for v, _ in got] == pytest.approx([v for v, _ in expected], rel=1e-3)
    marked, m = ndimage.label(prediction == 2, np.ones((3, 3, 3)))
    assert tumours.false == sum((truth[marked == k] == 2).mean() < 0.1 for k in range(1, m + 1))


def test_an_empty_case_has_background_only():
    empty = np.zeros(GEOMETRY.shape, np.uint8)
    found = find_in_case(empty, empty, LABELS, GEOMETRY, "a")
    assert found.confusion[0] == (empty.size, 0, 0)
    assert all(not c.volumes_ml and not c.false for c in found.lesions)


def test_joining_adds_up_and_survives_a_file(tmp_path):
    parts = [find_in_case(random_ids(s), random_ids(s + 10), LABELS, GEOMETRY, f"case{s}") for s in range(3)]
    whole = join_findings(parts, total=7)
    np.testing.assert_array_equal(whole.confusion, sum(np.array(p.confusion) for p in parts))
    assert whole.cases == ("case0", "case1", "case2") and whole.total == 7
    assert len(whole.lesions[0].found) == sum(len(p.lesions[0].found) for p in parts)
    whole.save(tmp_path / "findings.json")
    assert Findings.load(tmp_path / "findings.json") == whole
    assert join_findings([]) is None


def test_ids_are_called_by_their_class_or_their_value():
    assert id_names(LABELS) == ("background", "liver", "tumour")
    regions = Labels.of_regions({"whole": (1, 2, 4), "core": (1, 4), "enhancing": (4,)}, (2, 1, 4))
    assert id_names(regions) == ("background", "value 1", "value 2", "enhancing")
