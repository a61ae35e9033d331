"""How costs and scores are worded; the table itself is tested with the board."""

from __future__ import annotations

import pytest

from delineate.show.board import Cost, Quality
from delineate.show.leaderboard import COSTS, interval, metric_head, number


@pytest.mark.parametrize(
    ("cost", "told"),
    [
        (Cost(), ["-"] * 5),
        (
            Cost(
                parameters=31_200_000, multiply_adds=1_024_000_000_000, peak_bytes=2 * 1024**3,
                device_peak_bytes=1024**3, predict_s=2.5, train_s=600,
            ),
            ["31.2 M", "1,024 G", "2.0 GiB + 1.0 GiB GPU", "2.5 s", "10 min 0 s"],
        ),
        (Cost(parameters=999_700_000, multiply_adds=99_960_000_000), ["1,000 M", "100 G", "-", "-", "-"]),
    ],
)  # fmt: skip
def test_costs(cost: Cost, told: list[str]) -> None:
    assert [show(cost) for _, show in COSTS] == told


def test_scores_have_the_digits_of_their_unit() -> None:
    assert (number(0.87654, "dice"), number(4.5678, "hd95"), number(None, "dice")) == ("0.8765", "4.57", "-")
    assert interval(Quality(mean=0.5, low=0.25, high=0.75), "dice") == "0.2500 to 0.7500"
    assert interval(Quality(mean=0.5), "dice") == "-"
    assert (metric_head("hd95"), metric_head("boundary_iou")) == ("HD95 (mm)", "boundary iou")
