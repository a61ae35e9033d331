from __future__ import annotations

import numpy as np
import pytest

from delineate.evaluate.findings import Findings
from delineate.show.confusiontable import MOST_IDS, confusion_table


def findings(table, names):
    return Findings(
        names=names, confusion=tuple(map(tuple, table)), lesions=(), cases=("a",), total=1,
    )  # fmt: skip


def test_rows_are_shares_of_the_truth_with_the_counts_beside():
    table = confusion_table(findings([[90, 10, 0], [5, 15, 20], [0, 0, 0]], ("background", "left", "right")))
    (_, first), (_, second), (_, third) = table.rows
    assert [c.share for c in first] == pytest.approx([0.9, 0.1, 0])
    assert [c.share for c in second] == pytest.approx([0.125, 0.375, 0.5])
    assert [c.share for c in third] == [None] * 3
    assert second[2].told == "20 of 40 voxels of left were marked right"
    assert [c.right for c in second] == [False, True, False]


def test_confusions_are_listed_by_share_of_the_class_concerned():
    table = confusion_table(findings([[900, 10, 0], [5, 15, 20], [0, 0, 0]], ("background", "left", "right")))
    assert [(c.true, c.predicted, c.share) for c in table.listed] == [
        ("left", "right", 0.5),
        ("background", "left", 10 / 25),
        ("left", "background", 0.125),
    ]


def test_of_many_ids_those_confused_most_are_shown():
    n = 40
    table = np.diag(np.full(n, 100))
    table[30, 31] = 50
    shown = confusion_table(findings(table.tolist(), ("background", *(f"c{i}" for i in range(1, n)))))
    assert len(shown.names) == MOST_IDS and shown.left_out == n - MOST_IDS
    assert shown.names[0] == "background" and {"c30", "c31"} <= set(shown.names)
