"""What a person can do wrong ends with one clear message and exit code 1, and loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest


def train(cli, data: Path, out: Path, make, *more: object) -> tuple[int, str, str]:
    sets = [word for s in make.sets for word in ("--set", s)]
    return cli("train", data, "-o", out, *sets, *more)


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def assert_told(result: tuple[int, str, str], code: str, *words: str) -> None:
    """Exit code 1, the error's code, these words, what was expected or what to do, and no traceback."""
    status, out, err = result
    assert status == 1, err + out
    assert f"error {code}" in err
    assert "Traceback" not in err
    assert "to do:" in err or "expected:" in err
    for word in words:
        assert word in err, err


@pytest.fixture
def data(tmp_path, make) -> Path:
    return make.balls(tmp_path / "data", cases=4)


def test_missing_folder(cli, make, tmp_path):
    assert_told(train(cli, tmp_path / "nowhere", tmp_path / "run", make), "E220", "nowhere")


def test_empty_folder(cli, make, tmp_path):
    (tmp_path / "data").mkdir()
    assert_told(train(cli, tmp_path / "data", tmp_path / "run", make), "E220")


@pytest.mark.parametrize(("folder", "other"), [("labels", "images"), ("images", "labels")])
def test_half_a_pair(cli, data, make, tmp_path, folder, other):
    (data / folder / "c1.nii.gz").unlink()
    before = snapshot(data)
    assert_told(train(cli, data, tmp_path / "run", make), "E2", "c1")
    assert snapshot(data) == before


def test_truncated_scan(cli, data, make, tmp_path):
    path = data / "images" / "c1.nii.gz"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    before = snapshot(data)
    assert_told(train(cli, data, tmp_path / "run", make), "E250", "c1")
    assert snapshot(data) == before


def short_label(data: Path, make) -> None:
    make.nifti(data / "labels" / "c1.nii.gz", make.ball(1)[1][:, :, :-1])


def nan_voxel(data: Path, make) -> None:
    image, _ = make.ball(1)
    image[3, 4, 5] = np.nan
    make.nifti(data / "images" / "c1.nii.gz", image)


def time_series(data: Path, make) -> None:
    make.nifti(data / "images" / "c1.nii.gz", np.stack([make.ball(1)[0]] * 3, -1))


def sheared_scan(data: Path, make) -> None:
    tilted = np.eye(4)
    tilted[1, 2] = 0.3
    make.nifti(data / "images" / "c1.nii.gz", make.ball(1)[0], tilted, codes=(1, 0))


def constant_scan(data: Path, make) -> None:
    make.nifti(data / "images" / "c1.nii.gz", np.full((24, 24, 24), 7, np.float32))


def copied_scan(data: Path, make) -> None:
    shutil.copy(data / "images" / "c0.nii.gz", data / "images" / "c1.nii.gz")


@pytest.mark.parametrize(
    ("spoil", "check", "words"),
    [
        (short_label, "place", ("24 x 24 x 24 against 23 x 24 x 24", "over the whole image")),
        (nan_voxel, "finite", ("NaN or infinite values in 1 voxel of channel image",)),
        (time_series, "channels", ("3 channels", "one volume per channel")),
        (sheared_scan, "readable", ("sheared", "resample")),
        (constant_scan, "constant", ("7 everywhere",)),
        (copied_scan, "duplicate", ("the same voxels in 2 cases", "keep one")),
    ],
)
def test_spoiled_case_is_named_and_nothing_is_trained(cli, data, make, tmp_path, spoil, check, words):
    spoil(data, make)
    before = snapshot(data)
    assert_told(train(cli, data, tmp_path / "run", make), "E250", "c1", *words)
    assert snapshot(data) == before
    told = json.loads((tmp_path / "run" / "check.json").read_text())["problems"]
    assert [p["check"] for p in told if p["severity"] == "error"] == [check]
    assert not (tmp_path / "run" / "folds").exists()
    assert cli("check", data)[0] == 1


def test_masks_in_a_lossy_format(cli, make, tmp_path):
    from PIL import Image

    data = make.discs(tmp_path / "data")
    for path in sorted((data / "labels").iterdir()):
        with Image.open(path) as mask:
            mask.save(path.with_suffix(".jpg"))
        path.unlink()
    before = snapshot(data)
    assert_told(train(cli, data, tmp_path / "run", make), "E250", "p5", "jpeg", "export the mask again")
    assert snapshot(data) == before


def other_cases_away(data: Path, make) -> None:
    for path in sorted(data.rglob("c[023].nii.gz")):
        path.unlink()


def second_class_in_c1(data: Path, make) -> None:
    _, mask = make.ball(1)
    mask[mask > 0] += (np.indices(mask.shape)[0][mask > 0] % 2).astype(np.uint8)
    make.nifti(data / "labels" / "c1.nii.gz", mask)


TOO_FEW = [
    (other_cases_away, "there is only one labelled case", "validation is on the training cases"),
    (second_class_in_c1, 'the class "class 2" is in this case only', "fold 1 trains without class 2"),
]


@pytest.mark.parametrize(("spoil", "told", "note"), TOO_FEW)
def test_what_cannot_be_trained_and_judged_is_refused(cli, data, make, tmp_path, spoil, told, note):
    spoil(data, make)
    before = snapshot(data)
    status, out, _ = cli("check", data)
    assert status == 1 and told in out and "--set rare=allow" in out and "not ready" in out
    nets = ("--nets", "plain_unet,resenc_unet", "--seeds", "1")
    for verb, ground in ((("train",), "run"), (("compare", *nets), "study")):
        sets = [word for s in make.sets for word in ("--set", s)]
        result = cli(verb[0], data, "-o", tmp_path / ground, *verb[1:], *sets)
        assert_told(result, "E250", "c1: " + told, "--set rare=allow")
        written = sorted(p.name for p in (tmp_path / ground).rglob("*") if p.is_file())
        assert set(written) <= {"check.json", "config.toml", "log.txt", "study.json"}, written
    assert snapshot(data) == before


@pytest.mark.parametrize(("spoil", "told", "note"), TOO_FEW)
def test_what_cannot_be_trained_and_judged_is_trained_where_that_is_asked_for(
    cli, data, make, tmp_path, spoil, told, note
):
    spoil(data, make)
    assert train(cli, data, tmp_path / "run", make)[0] == 1
    status, _, err = train(cli, data, tmp_path / "run", make, "--set", "rare=allow", "--json")
    assert status == 0, err
    problems = json.loads((tmp_path / "run" / "check.json").read_text())["problems"]
    assert ("warning", told) in [(p["severity"], p["what"]) for p in problems if p["check"] == "rare"]
    assert note in json.loads((tmp_path / "run" / "splits.json").read_text())["note"]


def test_masks_without_any_class(cli, data, make, tmp_path):
    for path in (data / "labels").iterdir():
        make.nifti(path, np.zeros((24, 24, 24), np.uint8))
    assert_told(train(cli, data, tmp_path / "run", make), "E250", "mask")


def test_existing_run_is_kept(cli, balls, balls_run, make):
    before = snapshot(balls_run)
    assert_told(train(cli, balls, balls_run, make), "E410", "--resume")
    assert snapshot(balls_run) == before


def test_folder_of_other_files_is_kept(cli, balls, make, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert_told(train(cli, balls, tmp_path, make), "E410")
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_run_where_a_file_is(cli, balls, make, tmp_path):
    (tmp_path / "file").write_text("x")
    assert_told(train(cli, balls, tmp_path / "file", make), "E410")


def test_unknown_knob_names_the_nearest(cli, balls, make, tmp_path):
    (tmp_path / "knobs.toml").write_text("[train]\nlearning_rat = 0.1\n")
    result = train(cli, balls, tmp_path / "run", make, "--config", tmp_path / "knobs.toml")
    assert_told(result, "E110", "learning_rat", "did you mean train.learning_rate?")
    assert not (tmp_path / "run").exists()


def test_unreadable_toml(cli, balls, make, tmp_path):
    (tmp_path / "knobs.toml").write_text("[train\n")
    assert_told(train(cli, balls, tmp_path / "run", make, "--config", tmp_path / "knobs.toml"), "E110")


@pytest.mark.parametrize(
    ("flag", "value", "code"),
    [
        ("--memory", "200MiB", "E310"),
        ("--memory", "plenty", "E1"),
        ("--time", "soon", "E1"),
        ("--dims", "4", "E100"),
        ("--dims", "two", "E100"),
        ("--net", "alexnet", "E101"),
        ("--fold", "9", "E100"),
        ("--device", "abacus", "E110"),
        ("--set", "layout=shelf", "E101"),
        ("--set", "train.loss=none", "E101"),
        ("--set", "patches.sampler=none", "E101"),
        ("--set", "plan.planner=none", "E101"),
    ],
)
def test_value_that_cannot_be(cli, balls, make, tmp_path, flag, value, code):
    assert_told(train(cli, balls, tmp_path / "run", make, flag, value), code)


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (["plan.net=danett"], "E101", ("'danett'", "did you mean 'danet'?")),
        (["plan.net=psanet", "plan.dims=3"], "E100", ("'psanet' in 3D", "expected: dims of 2")),
        (["plan.net=unet", "plan.dims=2", "plan.patch=[8,8]"], "E100", ("patch of 8x8", "'unet'", "edges of 16")),
        (["plan.net=unet", "plan.net_options={width=4}"], "E100", ("no option 'width'", "did you mean 'widths'?")),
        (
            ["plan.net=pspnet", "plan.net_options={backbone='resnet5'}"],
            "E101",
            ("backbone", "did you mean 'resnet50'?"),
        ),
        (["plan.net=pspnet", "plan.net_options={backbone='mit_b0'}"], "E100", ("'mit_b0'", "stride of 8", "one of 32")),
        (["plan.net=pspnet", "plan.net_options={output_stride=4}"], "E100", ("stride of 4", "one of 8, 16, 32")),
        (
            ["plan.net=segformer_b0", "plan.net_options={backbone_options={dilation='all'}}"],
            "E100",
            ("backbone 'mit_b0'", "'dilation'"),
        ),
    ],
)
def test_network_that_cannot_be(cli, balls, tmp_path, asked, code, words):
    sets = [word for one in asked for word in ("--set", one)]
    assert_told(cli("train", balls, "-o", tmp_path / "run", *sets), code, *words)
    assert not (tmp_path / "run" / "folds").exists()
    early = not {"plan.dims=3", "plan.dims=2"} & set(asked)  # what depends on the data is told when they were looked at
    assert (tmp_path / "run").exists() != early


@pytest.fixture
def spoiled_run(balls_run, tmp_path) -> Path:
    copied = tmp_path / "spoiled"
    shutil.copytree(balls_run, copied)
    return copied


@pytest.mark.parametrize("spoil", ["foreign card", "foreign tensors", "cut tensors", "no tensors"])
def test_checkpoint_of_another_program(cli, balls, spoiled_run, tmp_path, spoil):
    best = spoiled_run / "folds" / "0" / "best"
    tensors = best.with_suffix(".safetensors")
    if spoil == "foreign card":
        best.with_suffix(".json").write_text('{"network_weights": {}}')
    elif spoil == "foreign tensors":
        tensors.write_bytes(b"PK\x03\x04 a torch file")
    elif spoil == "cut tensors":
        tensors.write_bytes(tensors.read_bytes()[:-10])
    else:
        tensors.unlink()
    assert_told(
        cli("predict", spoiled_run, balls / "images" / "c0.nii.gz", "-o", tmp_path / "m.nii.gz"),
        "E420",
        str(best.parent.parent.parent),
    )
    assert not (tmp_path / "m.nii.gz").exists()


def test_predicting_with_no_run(cli, balls, tmp_path):
    assert_told(cli("predict", tmp_path, balls / "images", "-o", tmp_path / "m"), "E420", "no trained network")


def test_existing_mask_is_kept(cli, balls, balls_run, tmp_path):
    (tmp_path / "c2.nii.gz").write_bytes(b"drawn by hand")
    assert_told(cli("predict", balls_run, balls / "images", "-o", tmp_path), "E100", "c2.nii.gz")
    assert snapshot(tmp_path) == {"c2.nii.gz": b"drawn by hand"}


def test_wrong_number_of_channels_at_prediction(cli, balls, channels_run, tmp_path):
    status, _, err = cli("predict", channels_run, balls / "images" / "c0.nii.gz", "-o", tmp_path / "m.nii.gz")
    assert status == 1 and "Traceback" not in err and "expected:" in err
    assert not (tmp_path / "m.nii.gz").exists()


def test_colour_picture_to_a_network_of_scans(cli, discs_run, balls_run, tmp_path):
    picture = discs_run.parent / "data" / "images" / "p0.png"
    status, _, err = cli("predict", balls_run, picture, "-o", tmp_path / "m.png")
    assert status == 1 and "Traceback" not in err and "expected:" in err


def test_prediction_of_nothing(cli, balls_run, tmp_path):
    (tmp_path / "scans").mkdir()
    status, _, err = cli("predict", balls_run, tmp_path / "scans", "-o", tmp_path / "m")
    assert status == 1 and "Traceback" not in err


def test_masks_and_truth_that_do_not_match(cli, balls, tmp_path):
    (tmp_path / "masks").mkdir()
    status, _, err = cli("evaluate", tmp_path / "masks", balls / "labels")
    assert status == 1 and "Traceback" not in err


def test_report_of_no_run(cli, tmp_path):
    assert_told(cli("report", tmp_path), "E400")


def test_report_of_an_unfinished_run(cli, balls_run, tmp_path):
    run = tmp_path / "unfinished"
    run.mkdir()
    for name in ("config.toml", "plan.json", "check.json"):
        shutil.copy(balls_run / name, run)
    status, _, err = cli("report", run)
    assert status == 1 and "Traceback" not in err and "--resume" in err


def test_phantom_of_an_unknown_kind(cli, tmp_path):
    assert_told(cli("phantom", "unicorn", "-o", tmp_path / "p"), "E101", "unicorn")


@pytest.fixture
def small_disk(tmp_path) -> Path:
    """A disk of 768 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=768k", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("making a small disk needs root")
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_disk_full_while_preparing_goes_on_when_there_is_room(cli, make, tmp_path, small_disk):
    data, run = make.balls(tmp_path / "data", 4, (48, 48, 48)), small_disk / "run"  # 216 KiB each, prepared
    before = snapshot(data)
    assert_told(train(cli, data, run, make), "E430", "no space left", "prepared")
    assert snapshot(data) == before
    assert not list(small_disk.rglob(".writing-*"))
    kept = {p: p.stat().st_mtime_ns for p in run.rglob("*.b2nd")}
    assert (run / "plan.json").exists() and kept
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    status, _, err = train(cli, data, run, make, "--resume", "--json")
    assert status == 0, err
    assert {p: p.stat().st_mtime_ns for p in kept} == kept, "what was finished is not made again"


@pytest.mark.parametrize("name", ["plan.json", "splits.json", "config.toml"])
def test_damaged_record_of_a_run_to_resume(cli, balls, spoiled_run, make, name):
    (spoiled_run / name).write_text('{"half": ')
    status, _, err = train(cli, balls, spoiled_run, make, "--resume")
    assert status == 1 and "Traceback" not in err and name in err


@pytest.mark.parametrize(
    ("edit", "code"),
    [(("stages.0.spacing_mm.1", 0), "E400"), (("normalisers.0", {"name": "window", "numbers": {}}), "E300")],
)
def test_plan_that_was_edited_into_nonsense_is_refused_before_anything_is_written(
    cli, balls, spoiled_run, make, edit_json, edit, code
):
    edit_json(spoiled_run / "plan.json", *edit)
    before = snapshot(spoiled_run)
    assert_told(train(cli, balls, spoiled_run, make, "--resume"), code, "plan.json", edit[0].rsplit(".", 1)[0])
    assert snapshot(spoiled_run) == before


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ("plan.spacing_mm=[0,1,1]", "plan.spacing_mm.0"),
        ("plan.patch=[16,0,16]", "plan.patch.1"),
        ("plan.patch=[16,16]", "plan.patch = 16x16 for a network of 3 dimensions"),
    ],
)
def test_plan_asked_for_with_nonsense(cli, balls, tmp_path, sets, told):
    status, _, err = cli("train", balls, "-o", tmp_path / "run", "--set", "plan.width=4", "--set", sets)
    assert status == 1 and "Traceback" not in err and told in err
    assert not (tmp_path / "run" / "plan.json").exists()


@pytest.mark.parametrize("name", ["c[red]1", "c[bold 1"])
def test_names_in_brackets_are_shown_whole(cli, make, tmp_path, name):
    data = make.balls(tmp_path / "data[bold]", cases=2)
    for path in sorted(data.rglob("c1.nii.gz")):
        path.rename(path.with_name(f"{name}.nii.gz"))
    status, out, err = cli("check", data)
    assert status == 0 and "Traceback" not in err
    assert name in out


def test_a_file_of_folds_that_does_not_fit(cli, data, make, tmp_path):
    folds = [{"train": ["c0", "c1"], "val": ["c2", "ghost"]}]
    (tmp_path / "splits_final.json").write_text(json.dumps(folds))
    result = train(cli, data, tmp_path / "run", make, "--splits", tmp_path / "splits_final.json")
    assert_told(result, "E260", "not in the data: ghost", "in neither side: c3")


def test_a_file_of_folds_that_is_not_there_or_contradicts(cli, data, make, tmp_path):
    result = train(cli, data, tmp_path / "run", make, "--splits", tmp_path / "none.json")
    assert_told(result, "E260", "none.json")
    assert_told(train(cli, data, tmp_path / "run", make, "--set", "folds=3", "--set", "holdout=0.2"), "E100", "2 ways")
    assert not (tmp_path / "run").exists()


def copy_of_c1(data: Path, make) -> None:
    image, mask = make.ball(1)
    noise = np.random.default_rng(9).normal(0, 2, image.shape)
    make.nifti(data / "images" / "c4.nii.gz", (3 * image + noise + 50).astype(np.float32))
    make.nifti(data / "labels" / "c4.nii.gz", mask)


def test_a_copy_of_a_scan_on_both_sides(cli, data, make, tmp_path):
    copy_of_c1(data, make)
    status, out, _ = cli("check", data)
    assert status == 0 and "c1 and c4 show nearly the same image" in out
    result = train(cli, data, tmp_path / "run", make)
    assert_told(result, "E260", "c1 and c4", "near_duplicates=group")


def test_evaluation_tells_what_is_missing_and_odd(cli, balls, make, tmp_path):
    truth = balls / "labels"
    for name in ("c0", "c1", "extra"):
        make.nifti(tmp_path / "masks" / f"{name}.nii.gz", make.ball(1)[1] * (2 if name == "c1" else 1))
    status, out, err = cli("evaluate", tmp_path / "masks", truth, "--json")
    assert status == 0, err
    told = json.loads(out)
    assert [n.split(",")[0] for n in told["notes"]][:2] == [
        "4 cases without a prediction",
        f"1 case in {tmp_path}/masks without a truth",
    ]
    assert "only in the predictions: label 2" in told["notes"]
    assert {r["case"] for r in told["rows"]} == {f"c{i}" for i in range(6)}
    assert told["memory"]["peak_bytes"] > 0
    status, out, _ = cli("evaluate", tmp_path / "masks", truth)
    assert status == 0 and "4 cases without a prediction" in out


def test_evaluation_on_another_grid(cli, balls, make, tmp_path):
    masks = tmp_path / "masks"
    for i in range(6):
        make.nifti(masks / f"c{i}.nii.gz", make.ball(i)[1][:-1])
    assert_told(cli("evaluate", masks, balls / "labels"), "E240", "c0", "--resample")
    status, out, _ = cli("evaluate", masks, balls / "labels", "--resample", "--json")
    assert status == 0
    assert json.loads(out)["foreground"]["dice"] == 1


def test_evaluation_without_the_memory(cli, balls):
    assert_told(cli("evaluate", balls / "labels", balls / "labels", "--memory", "1MiB"), "E310", "c0")
