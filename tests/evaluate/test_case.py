"""One pass over two maps: counts, boxes and masks of every class."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import GeometryError, LabelError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.evaluate.case import CasePair, pair_case
from delineate.evaluate.pair import ClassPair

LABELS = Labels.of_regions({"whole": (1, 2), "core": (2,), "other": (3,)}, order=(1, 2, 3), ignore_value=9)
GRID = Geometry(shape=(5, 6, 7), spacing_mm=(2.0, 1.0, 0.5))


@pytest.mark.parametrize("seed", range(6))
def test_is_what_whole_masks_give(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, prediction = (np.zeros(GRID.shape, np.uint8) for _ in range(2))
    truth[1:3, 2:5, 1:6] = rng.integers(0, 3, (2, 3, 5))
    prediction[2:4, 1:5, 2:5] = rng.integers(0, 4, (2, 4, 3))
    truth[rng.random(GRID.shape) < 0.1 * (seed % 3)] = LABELS.ignore_id
    valid = truth != LABELS.ignore_id
    masks = zip(LABELS.masks(prediction), LABELS.masks(truth), strict=True)
    for found, (p, t) in zip(pair_case(prediction, truth, LABELS, GRID), masks, strict=True):
        wanted = ClassPair.of(p, t, GRID.spacing_mm, valid)
        assert (found.counts, found.box) == (wanted.counts, wanted.box)
        assert (found.image_shape, found.spacing_mm) == (wanted.image_shape, wanted.spacing_mm)
        assert (found.prediction_zyx == wanted.prediction_zyx).all()
        assert (found.truth_zyx == wanted.truth_zyx).all()
        assert found.diagonal_mm == pytest.approx(np.sqrt(10**2 + 6**2 + 3.5**2))
        if found.valid_zyx is not None:
            assert (found.valid_zyx == wanted.valid_zyx).all()
        else:
            assert wanted.valid_zyx is not None and wanted.valid_zyx.all()


def test_maps_of_nothing_but_background() -> None:
    empty = np.zeros(GRID.shape, np.uint8)
    case = CasePair.of(empty, empty, LABELS, GRID)
    assert case.voxels == (0, 0, 0)
    assert {c.state for c in case.counts} == {"absent"}
    assert case.counts[0].tn == empty.size
    assert case.pair(0).truth_zyx.size == 0


def test_refuses_other_shapes_and_unknown_ids() -> None:
    ids = np.zeros(GRID.shape, np.uint8)
    with pytest.raises(GeometryError, match="shape"):
        CasePair.of(ids[:1], ids, LABELS, GRID)
    ids[2, 2, 2] = 77
    with pytest.raises(LabelError, match="77"):
        CasePair.of(ids, ids, LABELS, GRID)
