from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import RunError
from delineate.show.curves import draw_curves, read_metrics, smooth


def test_columns_are_numbers_and_empty_cells_nan(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,phase,loss,validation_dice\n1,train,0.5,\n2,train,,0.8\n")
    columns = read_metrics(path)
    np.testing.assert_array_equal(columns["step"], [1, 2])
    np.testing.assert_array_equal(columns["loss"], [0.5, np.nan])
    assert np.isnan(columns["phase"]).all()


def test_a_curve_per_recorded_quantity_and_its_best_value(run_files: dict[str, Path]) -> None:
    drawn = draw_curves({"fold 0": run_files["metrics.csv"], "fold 1": run_files["metrics.csv"]})
    assert [p.alt.split(" against")[0] for p in drawn] == [
        "loss", "validation Dice", "learning rate", "patches per second", "memory (GiB)",
    ]  # fmt: skip
    assert drawn[1].caption.endswith("best 0.885")


def test_a_run_that_recorded_nothing_has_no_curves(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("step,loss\n")
    assert draw_curves({"fold 0": path}) == ()


@pytest.mark.parametrize("text", [None, "time,loss\n1,2\n"])
def test_a_foreign_file_is_told(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "metrics.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RunError, match=r"metrics\.csv"):
        read_metrics(path)


def test_smoothing_is_the_mean_of_the_neighbours() -> None:
    values = np.random.default_rng(0).normal(size=200)
    half = 4
    expected = [values[max(i - half, 0) : i + half + 1].mean() for i in range(200)]
    np.testing.assert_allclose(smooth(values), expected)
    np.testing.assert_array_equal(smooth([3.0, 1.0]), [3.0, 1.0])
