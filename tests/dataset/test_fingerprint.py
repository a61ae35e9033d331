from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from delineate.core.errors import FormatError
from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import check_dataset
from delineate.dataset.fingerprint import Fingerprint, fingerprint_dataset

LABELS = Labels.exclusive({1: "organ", 3: "lesion"})


def pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A padded scan (x, y, z) and its mask."""
    rng = np.random.default_rng(seed)
    image = np.zeros((12, 14, 10), np.float32)
    image[2:10, 3:12, 1:9] = rng.normal(100, 10, (8, 9, 8))
    mask = np.zeros(image.shape, np.uint8)
    mask[3:8, 4:9, 2:6], mask[4:6, 5:7, 3:5] = 1, 3
    return image, mask


def test_numbers_are_those_of_the_arrays(dataset_of: Callable[..., Dataset]) -> None:
    pairs = [pair(0), pair(1)]
    data = dataset_of(pairs, LABELS)
    finger = fingerprint_dataset(data, LABELS)
    inside = np.concatenate([image[mask > 0] for image, mask in pairs]).astype(np.float64)
    channel = finger.channels[0]
    assert channel.mean == pytest.approx(inside.mean())
    assert channel.std == pytest.approx(inside.std())
    assert channel.percentile_99_5 == pytest.approx(np.percentile(inside, 99.5))
    assert (channel.minimum, channel.maximum) == (inside.min(), inside.max())
    assert channel.zero_fraction == pytest.approx(np.mean([(i == 0).mean() for i, _ in pairs]))
    assert channel.kind == "other"
    case = finger.cases[0]
    assert case.class_voxels == (100 - 8, 8)
    assert case.shape == (10, 14, 12)  # RAS files: x and y run against LPS
    assert (case.crop_start, case.crop_shape) == ((1, 14 - 12, 12 - 10), (8, 9, 8))
    assert finger.class_names == ("organ", "lesion")


def test_spacings_are_those_of_the_body_not_of_the_file(tmp_path: Path) -> None:
    """An axial scan saved with its slices first: 8 mm from slice to slice, along z of the patient."""
    affine = np.zeros((4, 4))
    affine[2, 0], affine[0, 1], affine[1, 2], affine[3, 3] = 8, 0.5, 0.75, 1
    image, mask = pair(0)
    paths = [tmp_path / "image.nii.gz", tmp_path / "mask.nii.gz"]
    for path, array in zip(paths, (image, mask), strict=True):
        nibabel.save(nibabel.Nifti1Image(array, affine), path)
    case = Case(name="a", images=(paths[0],), label=paths[1])
    found = fingerprint_dataset(Dataset(root=tmp_path, layout="t", channels=("image",), cases=(case,)), LABELS).cases[0]
    assert found.spacing_mm == pytest.approx((8, 0.75, 0.5))
    assert (found.shape, found.crop_shape) == ((12, 10, 14), (8, 8, 9))


def test_workers_and_the_facts_of_the_check_change_nothing(dataset_of: Callable[..., Dataset], tmp_path: Path) -> None:
    data = dataset_of([pair(k) for k in range(4)], LABELS)
    alone = fingerprint_dataset(data, LABELS)
    assert fingerprint_dataset(data, LABELS, workers=3) == alone
    assert fingerprint_dataset(data, LABELS, facts=check_dataset(data, workers=2).facts) == alone
    alone.save(tmp_path / "fingerprint.json")
    assert Fingerprint.load(tmp_path / "fingerprint.json") == alone


@pytest.mark.parametrize(
    ("name", "air", "kind"),
    [
        ("CT", 0, "ct"),
        ("image", -1024, "ct"),
        ("image", -10, "other"),
        ("T1", -1024, "other"),
        ("contrast", 0, "other"),
    ],
)
def test_ct_is_known_by_name_or_by_air(dataset_of: Callable[..., Dataset], name: str, air: int, kind: str) -> None:
    image = np.full((6, 6, 6), air, np.int16)
    image[2:4, 2:4, 2:4] = 40
    mask = (image == 40).astype(np.uint8)
    data = dataset_of([(image, mask)], channels=(name,))
    assert fingerprint_dataset(data, Labels.exclusive({1: "a"})).channels[0].kind == kind


def test_pictures_and_numbered_objects(tmp_path: Path) -> None:
    mask = np.zeros((20, 30), np.uint16)
    mask[2:5, 2:5], mask[9:12, 9:12] = 1, 2
    colours = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    Image.fromarray(mask).save(tmp_path / "m.png")
    Image.fromarray(colours).save(tmp_path / "i.png")
    case = Case(name="a", images=(tmp_path / "i.png",), label=tmp_path / "m.png")
    data = Dataset(root=tmp_path, layout="t", channels=("red", "green", "blue"), cases=(case,))
    finger = fingerprint_dataset(data, Labels.of_instances())
    assert [c.kind for c in finger.channels] == ["picture"] * 3
    assert finger.cases[0].class_voxels == (18,)
    assert finger.channels[1].mean == pytest.approx(colours[..., 1][mask > 0].mean())


def test_an_empty_mask_falls_back_to_the_body(dataset_of: Callable[..., Dataset]) -> None:
    image, mask = pair(0)
    finger = fingerprint_dataset(dataset_of([(image, mask * 0)]), LABELS)
    assert finger.channels[0].mean == pytest.approx(image[image != 0].mean(), rel=1e-6)
    assert finger.cases[0].class_voxels == (0, 0)


def test_content_follows_the_files(dataset_of: Callable[..., Dataset]) -> None:
    first = fingerprint_dataset(dataset_of([pair(0)]), LABELS)
    second = fingerprint_dataset(dataset_of([pair(1)]), LABELS)
    assert first.cases[0].content != second.cases[0].content


def test_an_unreadable_file_is_an_error(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of([pair(0)])
    path = data.cases[0].images[0]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FormatError, match=path.name):
        fingerprint_dataset(data, LABELS)
