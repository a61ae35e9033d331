"""`evaluate`: what it writes, and groups that are refused before the work."""

from __future__ import annotations

import csv
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from delineate.core.errors import UsageError
from delineate.evaluate.table import ScoreTable
from delineate.steps.evaluation import evaluate


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for i in range(4):
        truth = np.zeros((8, 8, 4), np.uint8)
        truth[1 : 3 + i, 2:5, 1:3] = 1
        for name, mask in (("truth", truth), ("masks", np.roll(truth, i % 2, axis=1))):
            (tmp_path / name).mkdir(exist_ok=True)
            nib.save(nib.Nifti1Image(mask, np.eye(4)), tmp_path / name / f"p{i}.nii.gz")
    return tmp_path / "masks", tmp_path / "truth"


def test_writes_every_form_with_subgroups(folders: tuple[Path, Path], tmp_path: Path) -> None:
    groups, out = tmp_path / "groups.csv", tmp_path / "out"
    groups.write_text("case,site\np0,north\np1,south\np2,north\n")
    table = evaluate(*folders, out, groups=groups, size_bins="0.02")
    assert [(g.column, g.value, g.cases) for g in table.subgroups] == [
        ("site", "north", 2), ("site", "south", 1), ("site", "not given", 1),
        ("size", "below 0.02 ml", 2), ("size", "0.02 ml and more", 2),
    ]  # fmt: skip
    assert table.subgroups[0].classes[0].metrics["dice"].mean == 1
    assert "p3" in table.notes[-1]
    assert ScoreTable.load(out / "scores.json") == table
    names = {"scores.json", "scores.csv", "classes.csv", "subgroups.csv", "scores.tex", "scores.html"}
    assert {p.name for p in out.iterdir()} == names
    with (out / "subgroups.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 5
    assert "south" in (out / "scores.html").read_text(encoding="utf-8")


def test_without_subgroups_there_is_no_file_of_them(folders: tuple[Path, Path], tmp_path: Path) -> None:
    assert evaluate(*folders, tmp_path / "out").subgroups == ()
    assert not (tmp_path / "out" / "subgroups.csv").exists()
    evaluate(*folders, tmp_path / "out", size_bins="tertiles")
    assert (tmp_path / "out" / "subgroups.csv").exists()
    evaluate(*folders, tmp_path / "out")
    assert not (tmp_path / "out" / "subgroups.csv").exists(), "it would not fit the other files"


def test_groups_that_cannot_be_used_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(UsageError, match=r"groups\.csv"):
        evaluate(nowhere, nowhere, groups=tmp_path / "groups.csv")
    with pytest.raises(UsageError, match="size bins"):
        evaluate(nowhere, nowhere, size_bins="big")
    (tmp_path / "groups.csv").write_text("case,size\np0,large\n")
    with pytest.raises(UsageError, match="column size"):
        evaluate(nowhere, nowhere, groups=tmp_path / "groups.csv", size_bins="tertiles")


def test_a_column_of_sizes_alone_is_one_like_any_other(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text("case,size\np0,large\n")
    found = evaluate(*folders, groups=tmp_path / "groups.csv").subgroups
    assert [(g.column, g.value, g.cases) for g in found] == [("size", "large", 1), ("size", "not given", 3)]


def test_the_surface_distance_is_measured_at_more_tolerances(folders: tuple[Path, Path], tmp_path: Path) -> None:
    table = evaluate(*folders, tmp_path / "out", nsd_mm=(0.5, 1.0, 0.5))
    moved = next(r for r in table.rows if r.case == "p1")  # by one voxel of 1 mm
    assert moved.values["nsd_0.5mm"] < moved.values["nsd_1mm"] == moved.values["nsd"] == 1
    assert "nsd_0.5mm" in (tmp_path / "out" / "classes.csv").read_text()
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(UsageError, match="tolerance of"):
            evaluate(*folders, nsd_mm=(wrong,))


def test_slices_are_measured_if_asked_for(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    table = evaluate(*folders, out, per_slice="auto", size_bins="tertiles")
    (summary,) = table.slices  # the truth fills two of four slices of each case
    assert (summary.n, summary.absent, summary.edge.n, summary.middle.n) == (8, 8, 8, 0)
    assert summary.metrics["dice"] == pytest.approx(table.foreground["dice"]), "slices of a block are alike"
    assert ScoreTable.load(out / "scores.json") == table
    with (out / "slices.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["case"] for line in lines] == [f"p{i}" for i in range(4) for _ in range(4)]
    assert [line["slice"] for line in lines if line["state"] == "present"] == ["1", "2"] * 4
    assert (out / "slice_classes.csv").exists() and 'id="slices"' in (out / "scores.html").read_text(encoding="utf-8")
    (other,) = evaluate(*folders, per_slice="x").slices
    assert (other.n, other.absent) == (2 + 3 + 4 + 5, 32 - 14)
    assert evaluate(*folders, out).slices == ()
    assert not list(out.glob("slice*.csv")), "they would not fit the other files"
    assert 'id="slices"' not in (out / "scores.html").read_text(encoding="utf-8")


def test_another_axis_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="slices along"):
        evaluate(tmp_path / "nowhere", tmp_path / "nowhere", per_slice="axial")
