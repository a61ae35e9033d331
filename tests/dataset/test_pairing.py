from __future__ import annotations

import pytest

from delineate.core.errors import LayoutError
from delineate.dataset.pairing import pair_names

WORDS = "equal names but for words such as image and mask"
COMMON = "equal names but for a common beginning or ending"


@pytest.mark.parametrize(
    ("images", "labels", "rule"),
    [
        (["a", "b"], ["b", "a"], "equal names"),
        (["Case1", "Case12"], ["mask_case12", "mask_case1"], WORDS),
        (["volume-1", "volume-2"], ["segmentation-1", "segmentation-2"], WORDS),
        (["21_training", "22_training"], ["21_manual1", "22_manual1"], COMMON),
        (["liver_1_ct", "liver_2_ct"], ["liver_1_liver", "liver_2_liver"], COMMON),
        (["x_lung"], ["x_lung_pred_label"], "the image's name followed by a word"),
        (["train/1", "val/1"], ["val/1_mask", "train/1_mask"], WORDS),
    ],
)
def test_pairs_of_one_image(images: list[str], labels: list[str], rule: str) -> None:
    pairing = pair_names(images, labels, "here")
    assert pairing.rule == rule
    for label, channels in pairing.images.items():
        digits = "".join(filter(str.isdigit, label.removesuffix("1") if "manual" in label else label))
        assert digits == "".join(filter(str.isdigit, channels[""]))


def test_channels_after_the_labels_name() -> None:
    pairing = pair_names(["p1_t1", "p1_flair", "p10_t1", "p10_flair"], ["p1", "p10"], "here")
    assert pairing.images == {
        "p1": {"t1": "p1_t1", "flair": "p1_flair"},
        "p10": {"t1": "p10_t1", "flair": "p10_flair"},
    }


@pytest.mark.parametrize(
    ("images", "labels", "told"),
    [
        (["a", "b", "c"], ["a", "b"], "1 image without a label: c"),
        (["a", "b"], ["a", "b", "c"], "1 label without an image: c"),
        (["a", "b"], ["a", "b_mask", "b_seg"], "2 candidate labels for image b: b_mask, b_seg"),
        (["a_img", "a_image", "b"], ["a", "b"], "2 candidate images for label a"),
        (["p1_t1", "p1_t2", "p2_t1"], ["p1", "p2"], "label p2 has no image with t2"),
        (["p1", "p1_2"], ["p1"], "2 candidate images for label p1"),
        (["p1_1", "p1_2"], ["p1"], "2 candidate images for label p1"),
        (["train/1", "val/2"], ["train/1", "val/1"], "without"),
    ],
)
def test_what_is_left_over_is_named(images: list[str], labels: list[str], told: str) -> None:
    with pytest.raises(LayoutError) as caught:
        pair_names(images, labels, "here")
    assert told in str(caught.value)
