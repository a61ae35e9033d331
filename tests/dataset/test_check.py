from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import CheckError
from delineate.core.labels import Labels
from delineate.dataset.case import Dataset
from delineate.dataset.check import CheckResult, check_dataset
from delineate.dataset.find import find_cases

LABELS = Labels.exclusive({1: "organ"})


def pair(seed: int) -> tuple[np.ndarray, np.ndarray]:
    image = np.random.default_rng(seed).normal(100, 10, (8, 9, 10)).astype(np.float32)
    mask = np.zeros(image.shape, np.uint8)
    mask[2:6, 2:6, 2:6] = 1
    image[mask > 0] += 100
    return image, mask


def test_a_good_set_has_no_problems(dataset_of: Callable[..., Dataset]) -> None:
    result = check_dataset(dataset_of([pair(k) for k in range(5)], LABELS))
    assert result.ok
    assert result.problems == ()
    assert result.require() == LABELS
    assert [(c.value, c.name, c.cases) for c in result.census] == [(0, "background", 5), (1, "organ", 5)]


def test_every_problem_is_told_at_once_and_worst_first(dataset_of: Callable[..., Dataset]) -> None:
    pairs = [pair(k) for k in range(9)]
    pairs[0] = pairs[1]  # a duplicate
    pairs[2][0][0, 0, 0] = np.nan
    pairs[3] = (pairs[3][0], pairs[3][1][:, :, :-1])  # a slice short
    pairs[4] = (pairs[4][0], pairs[4][1] * 5)  # undeclared
    pairs[5] = (pairs[5][0], pairs[5][1] * np.float32(0.5))  # not integers
    pairs[6] = (pairs[6][0], pairs[6][1] * 0)  # empty
    pairs[7] = (pairs[7][0], None)
    data = dataset_of(pairs, LABELS, {8: np.diag([1, 1, 1, 1]) + np.eye(4, k=3) * 4})
    broken = data.cases[7].images[0]
    broken.write_bytes(broken.read_bytes()[:300])
    result = check_dataset(data, workers=2)
    told = {(p.severity, p.check, p.case) for p in result.problems}
    assert told >= {
        ("error", "duplicate", "case0, case1"),
        ("error", "finite", "case2"),
        ("error", "place", "case3"),
        ("error", "values", "case4"),
        ("error", "mask_type", "case5"),
        ("warning", "marked", "case6"),
        ("error", "readable", "case7"),
        ("warning", "paired", "case7"),
        ("error", "place", "case8"),
    }
    order = [p.severity for p in result.problems]
    assert order == sorted(order, key=("error", "warning", "note").index)
    assert all(p.fix for p in result.problems)
    with pytest.raises(CheckError) as caught:
        result.require()
    assert all(f"case{k}" in str(caught.value) for k in (0, 2, 3, 4, 5, 7, 8))


def test_the_header_alone_is_told(dataset_of: Callable[..., Dataset]) -> None:
    moved = np.eye(4)
    moved[0, 3] = 4
    (found,) = (p for p in check_dataset(dataset_of([pair(0)], LABELS, {0: moved})).problems if p.check == "place")
    assert "header only" in found.what
    assert "4 mm" in found.what
    assert "CopyInformation" in found.fix


def moved(x: float, y: float = 0.0, scale: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    affine = np.diag([*scale, 1.0])
    affine[:2, 3] = x, y
    return affine


@pytest.mark.parametrize(
    ("kind", "change", "affine"),
    [
        ("resampled", lambda m: m[::2, ::2], moved(0.5, 0.5, (2, 2, 1))),
        ("flipped", lambda m: m[:, ::-1], moved(0, 39, (1, -1, 1))),
        ("shifted", lambda m: np.roll(m, -7, axis=0), moved(7)),
        ("header only", lambda m: m, moved(9)),
        ("undecided", lambda m: m, moved(0.6)),
        (None, lambda m: m, moved(0.4)),
    ],
)
def test_how_a_mask_left_its_image_is_told(
    kind: str | None,
    change: Callable[[np.ndarray], np.ndarray],
    affine: np.ndarray,
    dataset_of: Callable[..., Dataset],
) -> None:
    mask = np.zeros((40, 40, 16), np.uint8)
    mask[9:30, 6:20, 3:8] = 1
    image = (mask * 100 + np.random.default_rng(0).normal(0, 5, mask.shape)).astype(np.float32)
    data = dataset_of([(image, np.ascontiguousarray(change(mask)))], LABELS, {0: affine})
    errors = check_dataset(data, rare="allow").of("error")
    assert [(p.check, f"({kind})" in p.what) for p in errors] == ([] if kind is None else [("place", True)])


def test_a_missing_channel_is_told_with_its_files(dataset_of: Callable[..., Dataset]) -> None:
    (found,) = check_dataset(dataset_of([pair(0)], LABELS, channels=("T1", "T2")), rare="allow").of("error")
    assert (found.check, found.case) == ("channels", "case0")
    assert found.what == "1 channel in image_0.nii.gz (1), 2 declared: T1, T2"
    assert "missing" in found.cause


def test_channels_on_different_grids_are_told_by_name(dataset_of: Callable[..., Dataset], tmp_path: Path) -> None:
    import nibabel

    data = dataset_of([pair(0)], LABELS, channels=("T1", "T2"))
    other = tmp_path / "t2.nii.gz"
    nibabel.save(nibabel.Nifti1Image(pair(1)[0], moved(3)), other)
    case = data.cases[0].model_copy(update={"images": (*data.cases[0].images, other)})
    (found,) = check_dataset(data.model_copy(update={"cases": (case,)}), rare="allow").of("error")
    assert found.check == "channels"
    assert "image_0.nii.gz and t2.nii.gz lie on different grids" in found.what and "3 mm" in found.what


def test_undeclared_255_is_a_class_and_told(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of([(image, mask * np.uint8(255)) for image, mask in map(pair, range(5))])
    result = check_dataset(data)
    assert result.ok
    assert result.labels == Labels.exclusive({255: "class 255"})
    assert ["255 -> 1" in p.what for p in result.problems] == [True]


def test_declared_1_but_drawn_255_gets_a_proposal(dataset_of: Callable[..., Dataset]) -> None:
    result = check_dataset(dataset_of([(image, mask * np.uint8(255)) for image, mask in map(pair, range(5))], LABELS))
    assert "255 instead of 1" in result.of("error")[0].fix


def test_a_4d_file_is_too_many_channels(dataset_of: Callable[..., Dataset]) -> None:
    image, mask = pair(0)
    result = check_dataset(dataset_of([(np.stack([image, image * 2], -1), mask)], LABELS), rare="allow")
    assert [p.check for p in result.of("error")] == ["channels"]
    assert not result.of("error")[0].what.startswith("1 ")


def test_one_case_and_one_class_in_one_case(dataset_of: Callable[..., Dataset]) -> None:
    (rare,) = check_dataset(dataset_of([pair(0)], LABELS)).of("error")
    assert (rare.case, rare.what) == ("case0", "there is only one labelled case")
    assert rare.fix.endswith("--set rare=allow")
    pairs = [pair(k) for k in range(5)]
    pairs[3][1][0, 0, 0] = 2
    (rare,) = check_dataset(dataset_of(pairs, Labels.exclusive({1: "a", 2: "b"}))).of("error")
    assert (rare.case, rare.what) == ("case3", 'the class "b" is in this case only')
    assert rare.fix.endswith("--set rare=allow")


def test_few_are_a_warning_where_that_is_allowed(dataset_of: Callable[..., Dataset]) -> None:
    pairs = [pair(k) for k in range(3)]
    pairs[1][1][0, 0, 0] = 2
    labels = Labels.exclusive({1: "a", 2: "b"})
    for data, told in ((dataset_of(pairs, labels), 'the class "b"'), (dataset_of(pairs[:1], LABELS), "only one")):
        result = check_dataset(data, rare="allow")
        assert result.ok
        (warning,) = result.of("warning")
        assert warning.check == "rare" and told in warning.what and "rare=allow" not in warning.fix


def test_many_classes_in_one_case_are_one_finding(dataset_of: Callable[..., Dataset]) -> None:
    pairs = [pair(k) for k in range(12)]
    pairs[1][1][0, 0, :] = np.arange(2, 2 + pairs[1][1].shape[2])
    for k in range(2, 12):
        pairs[k][1][0, 0, 0] = 50 + k
    result = check_dataset(dataset_of(pairs, Labels.exclusive({i: f"organ{i}" for i in range(1, 62)})))
    (rare,) = result.of("error")
    assert rare.case == "case1, case2, case3, case4, case5 and 6 more"
    assert " classes are in one case only: in case1 organ2, organ3, organ4, " in rare.what
    assert f"organ9 and {pairs[1][1].shape[2] - 8} more; in case2 organ52; in case3 organ53;" in rare.what
    assert rare.what.endswith("; in case8 organ58; and in 3 more cases")


def test_an_unreadable_mask_may_hold_any_class(dataset_of: Callable[..., Dataset]) -> None:
    pairs = [pair(k) for k in range(2)]
    data = dataset_of(pairs, LABELS)
    path = data.cases[1].label
    assert path is not None
    path.write_bytes(path.read_bytes()[:40])
    assert {p.check for p in check_dataset(data).of("error")} == {"readable"}


def test_nothing_labelled(dataset_of: Callable[..., Dataset]) -> None:
    result = check_dataset(dataset_of([(pair(0)[0], None)]))
    assert [p.check for p in result.of("error")] == ["paired"]
    assert result.labels is None


def test_json_leaves_the_facts_out(dataset_of: Callable[..., Dataset], tmp_path: Path) -> None:
    result = check_dataset(dataset_of([pair(0)], LABELS))
    assert len(result.facts) == 1
    result.save(tmp_path / "check.json")
    assert set(json.loads((tmp_path / "check.json").read_text())) == {"problems", "labels", "census", "near"}
    again = CheckResult.load(tmp_path / "check.json")
    assert (again.problems, again.labels, again.facts) == (result.problems, result.labels, ())


def test_progress_counts_the_cases(dataset_of: Callable[..., Dataset]) -> None:
    seen: list[tuple[int, int]] = []
    check_dataset(dataset_of([pair(0), pair(1)]), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["acdc_cardiac", "brats2015", "nuclei_2d", "spine_mr_2d", "msd_spleen_ct"])
def test_real_sets_have_no_errors(realdata: Path, name: str) -> None:
    if not (realdata / name).is_dir():
        pytest.skip(f"{name} is not there")
    result = check_dataset(find_cases(realdata / name), workers=2)
    assert result.of("error") == ()
