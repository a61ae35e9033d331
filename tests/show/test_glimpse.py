from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from delineate.core.labels import Labels
from delineate.show.glimpse import (
    MOST_STEPS,
    SIDE_PX,
    Glimpsed,
    draw_glimpse,
    glimpse_path,
    glimpse_steps,
    join_glimpses,
    load_glimpses,
)
from delineate.show.palette import class_colours, rgb

ONE = np.round(255 * np.array(rgb(class_colours(2)[0])))


def square(size: int, low: int, high: int) -> np.ndarray:
    ids = np.zeros((size, size), np.uint8)
    ids[low:high, low:high] = 1
    return ids


def test_the_truth_is_filled_and_the_prediction_a_line(labels: Labels) -> None:
    ramp = np.tile(np.linspace(0, 1, 64), (64, 1))
    truth, found = square(64, 16, 48), square(64, 8, 56)
    nothing = draw_glimpse(ramp, truth * 0, truth * 0, (64, 64), labels)
    assert nothing.shape == (SIDE_PX, SIDE_PX, 3) and not np.ptp(nothing, axis=-1).any(), "grey alone"
    drawn = draw_glimpse(ramp, truth, found, (64, 64), labels)
    scale = SIDE_PX // 64
    line = (drawn == ONE).all(axis=-1)
    inside = np.zeros_like(line)
    inside[8 * scale : 56 * scale, 8 * scale : 56 * scale] = True
    core = np.zeros_like(line)
    core[8 * scale + 2 : 56 * scale - 2, 8 * scale + 2 : 56 * scale - 2] = True
    np.testing.assert_array_equal(line, inside & ~core)
    tinted = np.ptp(drawn, axis=-1) > 0
    filled = np.zeros_like(line)
    filled[16 * scale : 48 * scale, 16 * scale : 48 * scale] = True
    np.testing.assert_array_equal(tinted, line | filled)


def test_pixels_are_square_in_millimetres_and_the_image_may_be_coarser(labels: Labels) -> None:
    image = np.array([[0.0, 1.0], [2.0, 3.0]])
    drawn = draw_glimpse(image, np.zeros((10, 40)), np.zeros((10, 40)), (30, 60), labels)
    assert drawn.shape == (SIDE_PX // 2, SIDE_PX, 3)
    corners = drawn[[0, 0, -1, -1], [0, -1, 0, -1], 0].astype(int)
    assert corners[0] == 0 and corners[3] == 255 and corners[0] < corners[1] < corners[2] < corners[3]


def test_far_background_is_cut_away_by_the_truth_alone(labels: Labels) -> None:
    image = np.random.default_rng(0).normal(size=(400, 400))
    truth = square(400, 190, 210)
    kept = [draw_glimpse(image, truth, found, (400, 400), labels) for found in (truth * 0, square(400, 0, 40))]
    np.testing.assert_array_equal(*kept), "a prediction far away moves nothing"
    field = np.ptp(kept[0], axis=-1) > 0
    assert field.mean() > 0.05, "20 of 64 pixels each way instead of 20 of 400"


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_slice_without_contrast_is_drawn(labels: Labels, value: float) -> None:
    assert draw_glimpse(np.full((8, 8), value), np.zeros((8, 8)), np.zeros((8, 8)), (8, 8), labels).any() in (
        True,
        False,
    )


def fold(root: Path, steps: list[int], byte: int = 0) -> Path:
    root.mkdir()
    for step in steps:
        glimpse_path(root, step).write_bytes(join_glimpses([np.full((4, 6, 3), byte, np.uint8)] * 2))
    Glimpsed(cases=("a", "b")).save(root / "cases.json")
    return root


def test_slices_stand_side_by_side() -> None:
    tiles = [np.full((4, 6, 3), 10, np.uint8), np.full((8, 2, 3), 20, np.uint8)]
    drawn = np.asarray(Image.open(io.BytesIO(join_glimpses(tiles))))
    assert drawn.shape == (8, 6 + 4 + 2, 3)
    assert (drawn[:4, :6] == 10).all() and (drawn[:, -2:] == 20).all() and not drawn[4:, :6].any()


def test_the_first_and_the_last_are_among_those_shown_in_the_order_of_their_steps(tmp_path: Path) -> None:
    steps = [20 * n for n in range(1, 31)]
    folder = fold(tmp_path / "many", steps)
    for name in ("step-x.png", "step-12.png-old.png"):
        (folder / name).touch()
    assert list(glimpse_steps(folder)) == steps
    ((names, shown),) = load_glimpses({"fold 0": folder}, {"fold 0": {20: 0.5, 600: 0.75}}).values()
    told = [g.step for g in shown]
    assert names == ("a", "b") and len(told) == MOST_STEPS and told == sorted(told) and (told[0], told[-1]) == (20, 600)
    assert shown[0].picture.caption == "step 20 · Dice 0.500" and shown[1].picture.caption == f"step {told[1]}"


def test_folds_beyond_the_limit_or_without_pictures_are_left_out(tmp_path: Path) -> None:
    folders = {"fold 0": fold(tmp_path / "0", [5, 9]), "fold 1": fold(tmp_path / "1", [5]), "fold 2": tmp_path / "none"}
    size = sum(p.stat().st_size for p in (tmp_path / "0").glob("*.png"))
    assert list(load_glimpses(folders, {})) == ["fold 0", "fold 1"]
    assert list(load_glimpses(folders, {}, most_bytes=size)) == ["fold 0"]
