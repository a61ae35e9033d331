from __future__ import annotations

import pytest

from delineate.core.labels import Labels
from delineate.core.sides import side_pairs, tells_sides


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (("left kidney", "right kidney"), ((0, 1),)),
        (("liver", "Kidney_R", "Kidney_L"), ((1, 2),)),
        (("lung_upper_lobe_left", "heart", "lung_upper_lobe_right"), ((0, 2),)),
        (("左肾", "脾", "右肾"), ((0, 2),)),
        (("ctx-lh-cuneus", "ctx-rh-cuneus"), ((0, 1),)),
        (("rib_left_1", "rib_left_2", "rib_right_2", "rib_right_1"), ((0, 3), (1, 2))),
        (("l femur", "r femur", "left hip", "right hip"), ((0, 1), (2, 3))),
    ],
)
def test_opposites_of_the_same_name(names: tuple[str, ...], pairs: tuple[tuple[int, int], ...]) -> None:
    assert side_pairs(names) == pairs and tells_sides(names)


@pytest.mark.parametrize(
    "names",
    [
        ("left atrium", "myocardium"),
        ("left lung", "right lung", "left kidney"),
        ("left lung", "right kidney"),
        ("kidney_l", "kidney_r", "adrenal_l"),
        ("left lung", "Left Lung", "right lung"),
        ("left to right shunt",),
    ],
)
def test_a_side_without_its_opposite_forbids_all(names: tuple[str, ...]) -> None:
    assert side_pairs(names) == () and tells_sides(names)


@pytest.mark.parametrize("names", [("liver", "spleen_large"), ("tumour_l",), ("vertebrae L1", "vertebrae L5"), ()])
def test_names_without_sides(names: tuple[str, ...]) -> None:
    assert side_pairs(names) == () and not tells_sides(names)


def test_labels_tell_pairs_by_id() -> None:
    labels = Labels.exclusive({3: "right lung", 9: "trachea", 12: "left lung"}, ignore_value=255)
    assert labels.side_pairs == ((1, 3),)


def test_regions_have_no_pairs() -> None:
    labels = Labels.of_regions({"left all": (1, 2), "right all": (3, 4)}, order=(1, 3))
    assert labels.has_sides and labels.side_pairs == ()
