"""Data sets of phantoms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import RunExistsError, UnknownNameError, UsageError
from delineate.phantom.phantom import PHANTOMS, make_phantom

THREE = tuple(k for k in PHANTOMS if PHANTOMS[k].dims == 3)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def shape_of(kind: str) -> tuple[int, ...]:
    return (28, 40, 44)[-PHANTOMS[kind].dims :]


@pytest.mark.parametrize("kind", PHANTOMS.names())
def test_the_same_seed_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name, seed, cases in (("a", 3, 2), ("b", 3, 2), ("other", 4, 2), ("more", 3, 3)):
        make_phantom(kind, tmp_path / name, cases, shape_of(kind), seed)
    a, b, other, more = (files(tmp_path / n) for n in ("a", "b", "other", "more"))
    assert a == b
    assert a.keys() != other.keys() or any(a[n] != other[n] for n in a)
    assert all(more[n] == a[n] for n in a if n != "dataset.json")
    assert not any(".writing" in n for n in a)


@pytest.mark.parametrize("kind", PHANTOMS.names())
def test_held_out_cases_lie_apart(kind: str, tmp_path: Path) -> None:
    train = make_phantom(kind, tmp_path, 1, shape_of(kind), 0, test_cases=1)
    assert train == tmp_path / "train"
    assert len(list((tmp_path / "test" / "labels").iterdir())) == 1
    assert (tmp_path / "test" / "images").is_dir()
    labels = {n: v for n, v in files(tmp_path).items() if "label" in n}
    assert len(set(labels.values())) == len(labels) == 2


@pytest.mark.parametrize("kind", PHANTOMS.names())
def test_cases_differ_and_masks_hold_only_declared_values(kind: str) -> None:
    made, shape = PHANTOMS[kind], (1, *shape_of(kind))[-3:]
    scans = [made.draw(shape, np.random.default_rng(i), 3) for i in range(6)]
    for scan in scans:
        assert scan.image_czyx.shape == (len(scan.channels), *shape)
        assert set(np.unique(scan.label_zyx)) <= {0, *made.classes.values()}
    assert len({scan.label_zyx.tobytes() for scan in scans}) == len(scans)
    found = set().union(*(np.unique(scan.label_zyx) for scan in scans))
    assert found == {0, *made.classes.values()}
    if made.dims == 3:
        assert len({scan.spacing_mm for scan in scans}) == len(scans)


@pytest.mark.parametrize("kind", THREE)
def test_any_size(kind: str) -> None:
    for shape in ((24, 24, 24), (25, 61, 40), (60, 30, 90)):
        scan = PHANTOMS[kind].draw(shape, np.random.default_rng(0), 2)
        assert scan.label_zyx.shape == shape
        assert scan.label_zyx.any()


def test_one_number_is_all_sides(tmp_path: Path) -> None:
    import nibabel

    make_phantom("abdomen", tmp_path, 1, 26, 0)
    assert nibabel.load(tmp_path / "labelsTr" / "abdomen_001.nii.gz").shape == (26, 26, 26)


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="abdomen"):
        make_phantom("abdomn", tmp_path, 1, 32)
    for bad in ({"cases": 0}, {"seed": -1}, {"sequences": 5}, {"test_cases": -1}, {"size": 8}, {"size": (64, 64)}):
        with pytest.raises(UsageError):
            make_phantom("brain", **{"folder": tmp_path, "cases": 1, "size": 32, **bad})  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(RunExistsError, match="not empty"):
        make_phantom("photo", tmp_path, 1, 32)
