from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from delineate.core.errors import LabelError
from delineate.core.labels import LabelClass, Labels

GAPS = Labels.exclusive({4: "tumour", 1: "liver"})
BRATS = Labels.of_regions({"whole": (1, 2, 4), "core": (1, 4), "active": (4,)}, order=(2, 1, 4))


def test_exclusive_labels_are_numbered_by_file_value() -> None:
    assert GAPS.names == ("liver", "tumour") and GAPS.file_values == (0, 1, 4)
    assert not GAPS.regions and GAPS.channels == 3 and GAPS.ignore_id is None
    values = np.array([[0, 4], [1, 4]], np.uint8)
    ids = GAPS.encode(values)
    np.testing.assert_array_equal(ids, [[0, 2], [1, 2]])
    np.testing.assert_array_equal(GAPS.decode(ids), values)
    np.testing.assert_array_equal(GAPS.masks(ids), [values == 1, values == 4])


def test_regions_overlap() -> None:
    assert BRATS.regions and BRATS.channels == 3
    values = np.array([0, 1, 2, 4])
    masks = BRATS.masks(BRATS.encode(values))
    np.testing.assert_array_equal(masks, [[0, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]])
    assert [BRATS.file_values[c.output_id] for c in BRATS.classes] == [2, 1, 4]


@pytest.mark.parametrize(("values", "dtype"), [([1, 255], np.uint8), ([1, 256], np.uint16), ([-1, 5], np.int32)])
def test_file_values_get_the_smallest_type_that_holds_them(values: list[int], dtype: type) -> None:
    labels = Labels.exclusive({v: str(v) for v in values})
    back = labels.decode(labels.encode(np.array([0, *values])))
    assert back.dtype == dtype and back.tolist() == [0, *values]


def test_many_labels_need_16_bits() -> None:
    labels = Labels.exclusive({v: str(v) for v in range(1, 300)}, ignore_value=1000)
    assert labels.dtype == np.uint16 and labels.ignore_id == 65535
    assert labels.encode(np.array([299, 1000])).tolist() == [299, 65535]


def test_unlabelled_voxels_belong_to_no_class_and_come_back() -> None:
    labels = Labels.exclusive({1: "a"}, ignore_value=7)
    ids = labels.encode(np.array([0, 1, 7]))
    assert ids.tolist() == [0, 1, 255] and labels.channels == 2
    assert labels.masks(ids).tolist() == [[False, True, False]]
    assert labels.decode(ids).tolist() == [0, 1, 7]


@pytest.mark.parametrize("odd", [3, 0.5, np.nan, -1])
def test_undeclared_values_are_told_with_their_number(odd: float) -> None:
    with pytest.raises(LabelError, match=rf"{odd:g} \(2 voxels\)"):
        GAPS.encode(np.array([0, 1, odd, odd]))


def test_numbered_objects_are_one_class() -> None:
    labels = Labels.of_instances("nucleus")
    assert labels.encode(np.array([0, 1, 2, 977])).tolist() == [0, 1, 1, 1]
    with pytest.raises(LabelError):
        labels.encode(np.array([0.0, 1.5]))


def test_values_beyond_the_type_of_the_file_do_no_harm() -> None:
    labels = Labels.exclusive({1000: "far", -3: "below"})
    assert labels.encode(np.array([0, 0], np.uint8)).tolist() == [0, 0]


def test_contradictions_are_refused() -> None:
    with pytest.raises(ValidationError, match="share one file value"):
        Labels.exclusive({1: "a"}, ignore_value=1)
    with pytest.raises(ValidationError, match="no file value"):
        Labels(classes=(LabelClass(name="a", ids=(2,), output_id=1),), file_values=(0, 1))


@pytest.mark.parametrize(
    ("names", "sides"),
    [
        (("left kidney", "right kidney"), True),
        (("Kidney_L", "Kidney_R"), True),
        (("左肾", "右肾"), True),
        (("left atrium", "myocardium"), True),
        (("liver", "spleen_large"), False),
        (("tumour_l",), False),
    ],
)
def test_left_and_right_are_noticed(names: tuple[str, ...], sides: bool) -> None:
    assert Labels.exclusive(dict(enumerate(names, 1))).has_sides is sides


def test_labels_survive_json() -> None:
    for labels in (GAPS, BRATS, Labels.exclusive({1: "a"}, ignore_value=9)):
        assert Labels.model_validate_json(labels.model_dump_json()) == labels


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
@pytest.mark.parametrize(
    "labels", [GAPS, Labels.of_instances(ignore_value=9), Labels.exclusive({2: "a"}, ignore_value=9)]
)
def test_large_masks_of_small_types_are_encoded_as_small_ones(labels: Labels, dtype: type) -> None:
    wanted = [v for v in (*labels.file_values, labels.ignore_value) if v is not None]
    values = np.random.default_rng(0).choice(np.array(wanted, dtype), (40, 80, 100))
    turned = values.transpose(2, 1, 0)
    ids = labels.encode(turned)
    assert ids.dtype == labels.dtype
    np.testing.assert_array_equal(ids, np.stack([labels.encode(plane) for plane in turned]))
    values[0, 0, :3] = 77
    if not labels.instances:
        with pytest.raises(LabelError, match=r"77 \(3 voxels\)"):
            labels.encode(values)
