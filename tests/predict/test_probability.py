"""Maps of a small network, written beside its mask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.evaluate.probabilities import LABELS
from delineate.predict.probability import ProbabilityWriter
from delineate.store.restore import restore_logits
from delineate.store.trace import Trace

TWO = Labels.exclusive({1: "one", 5: "five"})


def turned() -> Trace:
    """Slabs run along the scan's last axis, backwards, within a crop."""
    return Trace(
        original=Geometry(shape=(9, 10, 11)), axes=(2, 0, 1), flips=(True, False, True), crop_start=(1, 2, 0),
        crop_shape=(8, 6, 10), prepared_shape=(5, 6, 7),
    )  # fmt: skip


def test_maps_agree_with_the_mask_on_the_scans_own_grid(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("delineate.store.restore.RESTORE_VOXELS", 400)
    trace = turned()
    logits = np.random.default_rng(0).normal(0, 3, (3, *trace.prepared_shape)).astype(np.float32)
    place = Volume(np.zeros((1, 9, 10, 11), np.uint8), trace.original)
    with ProbabilityWriter(tmp_path, "c1", TWO) as maps:
        maps.begin(trace)
        ids = restore_logits(logits, trace, TWO, maps.tell)
        maps.close(place)
    one, five = (np.asarray(nib.load(tmp_path / n / "c1.nii.gz").dataobj).T for n in ("one", "five"))
    inside = trace.view(np.zeros((9, 10, 11), bool))
    inside[...] = True
    inside = inside.base if inside.base is not None else inside
    assert (one[~inside.reshape(9, 10, 11)] == 0).all()
    rest = 1 - one - five
    sure = np.sort(np.stack([rest, one, five]), axis=0)
    clear = (sure[2] - sure[1] > 1e-3) & inside
    assert clear.mean() > 0.3
    assert np.array_equal(np.stack([rest, one, five]).argmax(axis=0)[clear], ids[clear])
    assert Labels.load(tmp_path / LABELS) == TWO
    assert sorted(p.name for p in tmp_path.iterdir()) == ["five", LABELS, "one"]


def test_nothing_is_left_of_a_case_that_failed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), ProbabilityWriter(tmp_path, "c1", TWO) as maps:
        maps.begin(turned())
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == [LABELS]
