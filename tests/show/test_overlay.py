from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from delineate.core.labels import Labels
from delineate.show.facts import CasePicture
from delineate.show.overlay import cut_planes, draw_case
from delineate.show.palette import class_colours, rgb

Make = Callable[..., CasePicture]


def test_three_planes_with_the_proportions_of_the_body(picture: Make, labels: Labels) -> None:
    planes, drawn = cut_planes(picture()), draw_case(picture(), labels)
    assert [p.caption[:1] for p in drawn] == ["z", "y", "x"]
    for plane, figure in zip(planes, drawn, strict=True):
        rows_mm, columns_mm = (n * mm for n, mm in zip(plane.truth.shape, plane.pixel_mm, strict=True))
        width, height = figure.size
        assert width / height == pytest.approx(columns_mm / rows_mm, rel=0.02)


def test_planes_go_through_the_widest_slice_and_z_points_up(picture: Make) -> None:
    case = picture()
    axial, coronal, _ = cut_planes(case)
    assert axial.name == f"z = {np.argmax((case.truth_zyx > 0).sum(axis=(1, 2)))} of 30"
    index = int(np.argmax((case.truth_zyx > 0).sum(axis=(0, 2))))
    shown = coronal.truth[::-1]
    columns = case.truth_zyx[:, index].any(axis=0)
    assert shown.sum() == case.truth_zyx[:, index].sum()
    assert shown.shape[1] < len(columns) or shown.shape == case.truth_zyx[:, index].shape


def test_a_picture_is_shown_bare_and_overlaid(picture: Make, labels: Labels) -> None:
    drawn = draw_case(picture(depth=1), labels)
    assert [p.caption for p in drawn] == ["image", "overlay"]
    bare, overlaid = (np.asarray(Image.open(io.BytesIO(p.png)).convert("RGB"), np.int16) for p in drawn)
    assert np.ptp(bare, axis=-1).max() == 0  # grey only
    assert np.ptp(overlaid, axis=-1).max() > 60


def test_a_coloured_picture_keeps_its_colours(labels: Labels) -> None:
    image = np.zeros((1, 40, 50, 3), np.uint8)
    image[..., 0] = 200
    ids = np.zeros((1, 40, 50), np.uint8)
    bare = draw_case(CasePicture("a", "", image, ids, ids, (1, 1, 1)), labels)[0]
    assert tuple(np.asarray(Image.open(io.BytesIO(bare.png)).convert("RGB"))[20, 20]) == (200, 0, 0)


@pytest.mark.parametrize("fill", [0, 1])
def test_empty_and_full_masks_are_drawn(fill: int, labels: Labels) -> None:
    ids = np.full((4, 20, 30), fill, np.uint8)
    case = CasePicture("a", "", np.zeros(ids.shape), ids, ids, (3.0, 1.0, 1.0))
    assert len(draw_case(case, labels)) == 3


def test_regions_are_drawn_where_they_overlap() -> None:
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2))
    ids = np.zeros((1, 64, 64), np.uint8)
    ids[0, 8:50, 8:50], ids[0, 20:40, 20:40] = 1, 2
    drawn = draw_case(CasePicture("a", "", ids * 1.0, ids, ids, (1, 1, 1)), labels)[1]
    pixels = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB")).reshape(-1, 3)
    for colour in class_colours(2):
        distance = np.abs(pixels / 255 - np.asarray(rgb(colour))).max(axis=1)
        assert distance.min() < 0.12, colour


def test_equal_facts_give_equal_bytes(picture: Make, labels: Labels) -> None:
    assert draw_case(picture(), labels) == draw_case(picture(), labels)


def test_planes_go_through_what_is_labelled_not_through_what_is_to_be_ignored() -> None:
    labels = Labels.exclusive({1: "organ"}, ignore_value=9)
    truth = np.zeros((10, 20, 20), np.uint8)
    truth[2, 5:8, 5:8], truth[7] = 1, labels.ignore_id
    drawn = draw_case(CasePicture("a", "", truth * 1.0, truth, truth * 0, (1, 1, 1)), labels)
    assert [p.caption for p in drawn] == ["z = 2 of 10", "y = 5 of 20", "x = 5 of 20"]
