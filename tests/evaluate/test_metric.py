"""The empty-mask rule and cases computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import UnknownNameError
from delineate.evaluate.counts import Counts
from delineate.evaluate.metric import METRICS, metric
from delineate.evaluate.pair import ClassPair

# tp, fp, fn, tn: dice, iou, precision, recall, false positive rate, false negative rate, accuracy, volume error
GOLDEN = {
    (10, 0, 0, 90): (1, 1, 1, 1, 0, 0, 1, 0),  # the same
    (0, 10, 10, 80): (0, 0, 0, 0, 1 / 9, 1, 0.8, 0),  # side by side
    (5, 5, 5, 85): (0.5, 1 / 3, 0.5, 0.5, 5 / 90, 0.5, 0.9, 0),  # half over
    (10, 10, 0, 80): (2 / 3, 0.5, 0.5, 1, 1 / 9, 0, 0.9, 10),  # twice too large
    (5, 0, 5, 90): (2 / 3, 0.5, 1, 0.5, 0, 0.5, 0.95, 5),  # half found
    (1, 1, 2, 12): (0.4, 0.25, 0.5, 1 / 3, 1 / 13, 2 / 3, 13 / 16, 1),  # four by four
    (10, 5, 0, 0): (0.8, 2 / 3, 2 / 3, 1, 1, 0, 2 / 3, 5),  # everything called foreground
    (15, 0, 0, 0): (1, 1, 1, 1, 0, 0, 1, 0),  # everything is foreground
    (0, 0, 0, 100): (1, 1, 1, 1, 0, 0, 1, 0),  # absent
    (0, 0, 10, 90): (0, 0, 0, 0, 1, 1, 0, 10),  # missed
    (0, 10, 0, 90): (0, 0, 0, 0, 0.1, 1, 0.9, 10),  # a false alarm
}
NAMES = ("dice", "iou", "precision", "recall", "false_positive_rate", "false_negative_rate", "accuracy")


@pytest.mark.parametrize("counts", GOLDEN)
def test_golden(counts: tuple[int, int, int, int]) -> None:
    *scores, error = GOLDEN[counts]
    made = ClassPair.counted(Counts(*counts, voxel_ml=0.5))
    assert [METRICS[n](made) for n in NAMES] == pytest.approx(scores, abs=1e-12)
    assert METRICS["volume_error_ml"](made) == pytest.approx(error * 0.5)
    assert METRICS["volume_ml"](made) == pytest.approx((counts[0] + counts[1]) * 0.5)
    assert METRICS["truth_volume_ml"](made) == pytest.approx((counts[0] + counts[2]) * 0.5)


@pytest.mark.parametrize(("shape", "diagonal_mm"), [((3, 4, 6), (9**2 + 8**2 + 6**2) ** 0.5), ((1, 4, 6), 10.0)])
def test_the_worst_distance_is_the_diagonal_of_the_image(shape: tuple[int, int, int], diagonal_mm: float) -> None:
    nothing, something = np.zeros(shape, bool), np.zeros(shape, bool)
    something[0, 1, 2] = True
    for prediction, truth in ((nothing, something), (something, nothing)):
        assert METRICS["hd"](ClassPair.of(prediction, truth, (3.0, 2.0, 1.0))) == pytest.approx(diagonal_mm)


def test_unknown_name_is_answered_with_a_guess() -> None:
    with pytest.raises(UnknownNameError, match="dice"):
        METRICS["dise"]


def test_one_name_belongs_to_one_metric() -> None:
    assert "dice" in METRICS
    with pytest.raises(ValueError, match="two metrics"):
        metric("dice", better="higher")(lambda counts: 1.0)
