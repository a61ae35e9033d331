from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from delineate.config import Config, PredictConfig
from delineate.core.errors import CheckpointError, UsageError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.dataset.case import Case
from delineate.formats import read_info, write_volume
from delineate.nets.checkpoint import save_checkpoint
from delineate.nets.net import build_net
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.predict import model as model_of_runs
from delineate.predict.model import Model, load_model, make_card, predict_case

OPTIONS = {"widths": (4, 8), "strides": ((1, 1), (2, 2)), "kernels": ((3, 3), (3, 3)), "blocks": 1, "decoder_blocks": 1}


def plan_of(**changes) -> Plan:
    stage = Stage(
        name="full", spacing_mm=(1, 1, 1), patch=(16, 16), batch=2, net=NetPlan(name="plain_unet", options=OPTIONS)
    )
    values = {
        "dims": 2, "axes": (0, 1, 2), "channels": ("grey",), "labels": Labels.exclusive({5: "spot"}),
        "normalisers": (Normaliser(name="zscore"),), "stages": (stage,), "mirror_axes": (0, 1), "anisotropic": False,
        "crop": "none", "memory_bytes": 2**30,
    }  # fmt: skip
    return Plan(**{**values, **changes})


def train(run, fold=0, plan=None, card=None):
    plan = plan or plan_of()
    net = build_net("plain_unet", 2, 1, 2, OPTIONS)
    made = make_card(plan, plan.stages[0], fold, "fp32", Config(), "0") | (card or {})
    (run / "folds" / str(fold)).mkdir(parents=True)
    save_checkpoint(run / "folds" / str(fold) / "best", net.state_dict(), made)
    return plan


@pytest.fixture
def case(tmp_path):
    image = np.random.default_rng(0).normal(size=(1, 2, 20, 30)).astype(np.float32)
    write_volume(tmp_path / "scan.nii", Volume(image, Geometry(shape=(2, 20, 30))))
    return Case(name="scan", images=(tmp_path / "scan.nii",))


@pytest.mark.parametrize("mirror", [False, True])
def test_a_run_predicts_on_the_scans_own_grid(tmp_path, mirror, case):
    plan = train(tmp_path, 0)
    train(tmp_path, 1)
    model = load_model(tmp_path, mirror=mirror)
    assert model.plan.labels == plan.labels
    assert model.stage.patch == (16, 16)
    mask = predict_case(model, case)
    assert mask.geometry.shape == (2, 20, 30)
    assert set(np.unique(mask.array_czyx)) <= {0, 5}


TURN = np.radians(9)
OBLIQUE = ((np.sin(TURN), 0, np.cos(TURN)), (0, 1, 0), (np.cos(TURN), 0, -np.sin(TURN)))
LOOKS = {
    "2D": {"dims": 2},
    "2.5D": {"dims": 2, "slices": 3},
    "three axes": {"dims": 2, "slices": 3, "planes": (0, 1, 2)},
    "3D": {"dims": 3},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("coarse", [0, 1, 2])
@pytest.mark.parametrize("flips", [(False, False, False), (True, False, True)])
def test_what_is_bright_is_marked_where_it_is_however_the_network_looks(tmp_path, look, coarse, flips):
    """A network that marks what is bright in the slice it is asked about gives the truth back, voxel by voxel, on an
    oblique grid stored in any order, with thick slices along any axis, up to the ends."""
    truth = np.random.default_rng(coarse).random((11, 14, 9)) < 0.2
    truth[0, :3, :2] = truth[-1, -2:, -3:] = True
    spacing = tuple(4.0 if axis == coarse else 1.25 for axis in range(3))
    grid = Geometry(shape=truth.shape, spacing_mm=spacing, origin_mm=(5, -7, 11), direction=OBLIQUE).flipped(flips)
    write_volume(tmp_path / "scan.nii", Volume(np.where(truth, 90.0, 10.0).astype(np.float32)[None], grid))
    axes = (coarse, *(axis for axis in range(3) if axis != coarse))
    dims = LOOKS[look]["dims"]
    stage = plan_of().stages[0].model_copy(update={"spacing_mm": (4.0, 1.25, 1.25), "patch": (4, 6, 8)[-dims:]})
    plan = plan_of(**LOOKS[look], axes=axes, stages=(stage,), mirror_axes=())

    def bright(windows_bcx):
        signal = windows_bcx[:, plan.slices // 2 :][:, :1]
        return torch.cat([-signal, signal], 1)

    mask = predict_case(Model(plan, bright), Case(name="scan", images=(tmp_path / "scan.nii",)))
    assert mask.geometry == read_info(tmp_path / "scan.nii").geometry
    np.testing.assert_array_equal(mask.array_czyx[0], np.where(truth, 5, 0))


@pytest.mark.parametrize("overlap", [0.5, 0.75])
def test_windows_overlap_as_the_run_was_asked_to(tmp_path, monkeypatch, overlap, case):
    train(
        tmp_path, card={"predict": PredictConfig(overlap=overlap).model_dump(mode="json")} if overlap != 0.5 else None
    )
    seen = []
    real = model_of_runs.SlidingLogits

    def watched(engine, image, patch, channels, overlap, *more):
        seen.append(overlap)
        return real(engine, image, patch, channels, overlap, *more)

    monkeypatch.setattr(model_of_runs, "SlidingLogits", watched)
    predict_case(load_model(tmp_path), case)
    assert seen == [overlap]


def test_no_run_and_no_fold_are_told(tmp_path):
    with pytest.raises(CheckpointError, match="holds no trained network"):
        load_model(tmp_path)
    train(tmp_path)
    with pytest.raises(CheckpointError, match="no finished fold among 3"):
        load_model(tmp_path, folds=(3,))


def test_mirroring_needs_a_network_trained_with_it(tmp_path):
    train(tmp_path, plan=plan_of(mirror_axes=()))
    load_model(tmp_path)
    with pytest.raises(UsageError, match="trained without mirroring"):
        load_model(tmp_path, mirror=True)


def test_folds_of_different_plans_are_not_mixed(tmp_path):
    train(tmp_path, 0)
    train(tmp_path, 1, plan_of(crop="nonzero"))
    with pytest.raises(CheckpointError, match="different plans"):
        load_model(tmp_path)


def test_a_card_of_a_stage_that_is_not_in_its_plan_is_refused(tmp_path):
    train(tmp_path, card={"stage": "other"})
    with pytest.raises(CheckpointError, match="no stage 'other'"):
        load_model(tmp_path)


WRONG = [(key, value) for key in ("plan", "stage", "precision", "predict") for value in ("missing", None, [], {"a": 2})]


@pytest.mark.parametrize(("key", "value"), [*WRONG, ("precision", "fp8"), ("plan", "3D"), ("stage", 7)])
def test_a_card_that_lacks_or_garbles_what_it_must_say_is_refused_by_its_key(tmp_path, key, value):
    train(tmp_path, card={key: value})
    if value == "missing":
        path = tmp_path / "folds/0/best.json"
        told = json.loads(path.read_text())
        del told["card"][key]
        path.write_text(json.dumps(told))
    with pytest.raises(CheckpointError, match=rf"best\.json does not tell what it must: {key}"):
        load_model(tmp_path)


def test_a_foreign_checkpoint_is_refused(tmp_path):
    train(tmp_path)
    (tmp_path / "folds/0/best.json").write_text(json.dumps({"epoch": 3}))
    with pytest.raises(CheckpointError, match="this program"):
        load_model(tmp_path)
