from __future__ import annotations

import io

import numpy as np
from PIL import Image

from delineate.core.labels import Labels
from delineate.show.errormap import MISSED, classify, draw_errors
from delineate.show.facts import CasePicture
from delineate.show.palette import rgb

LABELS = Labels.exclusive({1: "liver", 2: "tumour"}, ignore_value=9)


def case(truth, prediction, spacing=(2.0, 1.0, 1.0)):
    return CasePicture("a", "worst", np.zeros(truth.shape), truth, prediction, spacing)


def cube(*boxes):
    ids = np.zeros((20, 30, 40), np.uint8)
    for i, box in boxes:
        ids[box] = i
    return ids


def test_every_pair_of_ids_is_of_one_kind():
    truth, prediction = np.array([0, 1, 0, 1, 1, 255, 2]), np.array([0, 1, 2, 0, 2, 1, 2])
    assert classify(truth, prediction, 255).tolist() == [0, 1, 2, 3, 4, 0, 1]


def test_planes_go_through_the_largest_error_and_its_size_is_told():
    whole = (1, np.s_[2:18, 5:25, 5:35])
    truth = cube(whole, (2, np.s_[10:14, 8:12, 28:33]))
    prediction = cube(whole, (2, np.s_[3:5, 20:22, 7:9]))  # a large tumour taken for liver, a small one made up
    found = draw_errors(case(truth, prediction), LABELS)
    assert found.told == "largest error: 0.16 ml, mostly tumour marked as another class"  # 80 voxels of 2 mm3
    assert [p.caption for p in found.pictures] == [
        "z = 10 of 20: 20 as another class of 600",
        "y = 8 of 30: 20 as another class of 480",
        "x = 28 of 40: 16 as another class of 320",
    ]


def test_what_is_missed_has_its_colour_where_it_is():
    truth = cube((1, np.s_[5:15, 10:20, 10:30]))
    prediction = cube((1, np.s_[5:15, 10:20, 10:20]))
    found = draw_errors(case(truth, prediction), LABELS)
    assert found.told == "largest error: 2 ml, mostly liver not marked"
    pixels = np.asarray(Image.open(io.BytesIO(found.pictures[0].png)))
    wanted = 0.8 * 255 * np.array(rgb(MISSED))
    near = (np.abs(pixels - wanted) < 2).all(axis=-1)
    # half of the structure, right of its middle
    middle = pixels.shape[1] // 2
    assert near[:, middle + 5 :].any() and not near[:, : middle - 5].any()


def test_equal_masks_have_planes_and_no_error():
    ids = cube((1, np.s_[5:15, 10:20, 10:30]))
    found = draw_errors(case(ids, ids), LABELS)
    assert found.told == "" and len(found.pictures) == 3
    assert all("no error in this plane" in p.caption for p in found.pictures)


def test_nothing_marked_gives_nothing():
    assert draw_errors(case(cube(), cube()), LABELS).pictures == ()


def test_a_picture_in_colour_has_one_map_and_pixels():
    truth, prediction = np.zeros((1, 30, 40), np.uint8), np.zeros((1, 30, 40), np.uint8)
    truth[0, 5:15, 5:15] = 1
    image = np.full((1, 30, 40, 3), 120, np.uint8)
    found = draw_errors(CasePicture("p", "worst", image, truth, prediction, (1.0, 1.0, 1.0)), LABELS)
    assert found.told == "largest error: 100 pixels, mostly liver not marked"
    assert [p.caption for p in found.pictures] == ["100 missed of 100"]
