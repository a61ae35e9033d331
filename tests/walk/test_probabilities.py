"""Probability maps from the command line, and their calibration."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np


def test_maps_are_written_beside_masks_and_calibrated(balls, balls_run, cli, tmp_path):
    code, _, told = cli(
        "predict", balls_run, balls / "images", "-o", tmp_path / "masks", "--probabilities", tmp_path / "maps"
    )
    assert code == 0, told
    mask, scan = nib.load(tmp_path / "masks" / "c0.nii.gz"), nib.load(balls / "images" / "c0.nii.gz")
    folder = next(p for p in (tmp_path / "maps").iterdir() if p.is_dir())
    shares = nib.load(folder / "c0.nii.gz")
    assert np.array_equal(shares.affine, scan.affine)
    probability = shares.get_fdata()
    clear = np.abs(probability - 0.5) > 1e-3
    assert np.array_equal((probability > 0.5)[clear], (np.asarray(mask.dataobj) > 0)[clear])
    code, out, told = cli(
        "evaluate", tmp_path / "masks", balls / "labels", "-o", tmp_path / "scores", "--probabilities",
        tmp_path / "maps", "--json",
    )  # fmt: skip
    assert code == 0, told
    (found,) = json.loads(out)["calibration"]["classes"]
    truth = [np.asarray(nib.load(balls / "labels" / f"c{i}.nii.gz").dataobj) for i in range(6)]
    maps = [nib.load(folder / f"c{i}.nii.gz").get_fdata() for i in range(6)]
    assert np.isclose(found["brier"], np.mean((np.stack(maps) - np.stack(truth)) ** 2), rtol=1e-4)
    assert json.loads((tmp_path / "scores" / "calibration.json").read_text())["classes"] == [found]
    assert (tmp_path / "scores" / "calibration.csv").read_text().count("\n") == 8


def test_explain_on_a_case(balls, cli, tmp_path):
    truth, other = (balls / "labels" / f"c{i}.nii.gz" for i in range(2))
    code, out, told = cli("explain", "dice", "--case", other, truth, "-o", tmp_path / "e.png", "--json")
    assert code == 0, told
    (organ,) = json.loads(out)["case"]
    assert organ["value"] == 2 * organ["tp"] / (2 * organ["tp"] + organ["fp"] + organ["fn"])
    assert (tmp_path / "e.png").read_bytes().startswith(b"\x89PNG")
    code, _, told = cli("explain", "dice", "-o", tmp_path / "f.png")
    assert code == 1 and "--case" in told
    code, _, told = cli("explain", "dise")
    assert code == 1 and "did you mean 'dice'" in told
