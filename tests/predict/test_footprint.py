from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from delineate.core.errors import BudgetError
from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.dataset.case import Case
from delineate.formats import read_info, write_volume
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.predict.footprint import case_bytes, fit_model
from delineate.predict.model import Model, predict_case, predict_prepared
from delineate.store.prepare import prepare_case
from delineate.store.restore import restore_logits


def model_of(patch=(8, 8, 8), planes=(0,)) -> Model:
    stage = Stage(
        name="full", spacing_mm=(1.0, 1.2, 1.0), patch=patch, batch=2, net=NetPlan(name="x", options={"widths": (4,)})
    )
    plan = Plan(
        dims=len(patch), axes=(0, 1, 2), channels=("MR",), labels=Labels.exclusive({5: "spot"}),
        normalisers=(Normaliser(name="zscore"),), stages=(stage,), mirror_axes=(), anisotropic=False, crop="none",
        memory_bytes=1, planes=planes,
    )  # fmt: skip

    def engine(windows):  # bright or not, and a little of where in the window
        signal = windows[:, :1] + 0.1 * windows[:, :1].roll(1, -1)
        import torch

        return torch.cat([-signal, signal], 1)

    return Model(plan, engine)


@pytest.fixture
def case(tmp_path):
    array = np.random.default_rng(0).normal(size=(1, 40, 30, 24)).astype(np.float32)
    write_volume(tmp_path / "a.nii", Volume(array, Geometry(shape=(40, 30, 24))))
    return Case(name="a", images=(tmp_path / "a.nii",))


@pytest.mark.parametrize("patch", [(8, 8, 8), (8, 8), (64, 64, 64)])
@pytest.mark.parametrize("slab", [1000, 10**6])
def test_the_mask_is_the_same_however_it_is_streamed(case, patch, slab, monkeypatch):
    monkeypatch.setattr("delineate.store.restore.RESTORE_VOXELS", slab)
    from delineate.dataset.read import read_case

    model = model_of(patch)
    volume, _ = read_case(case, None)
    prepared, trace = prepare_case(volume, model.plan, model.stage)
    logits = predict_prepared(model, prepared)
    whole = np.stack([logits[k, 0 : logits.shape[1]] for k in range(2)])
    wanted = restore_logits(whole, trace, model.plan.labels)
    assert 0 < np.count_nonzero(wanted) < wanted.size
    for each in (model, replace(model, at_once=1)):
        mask = predict_case(each, case)
        np.testing.assert_array_equal(mask.array_czyx[0], np.where(wanted, 5, 0))
        assert mask.geometry == volume.geometry


def test_logits_of_three_axes_in_sixteen_bits_give_nearly_the_same_mask(case):
    model = model_of((8, 8), (0, 1, 2))
    fine, coarse = (predict_case(replace(model, half=half), case).array_czyx for half in (False, True))
    assert np.mean(fine != coarse) < 0.01


def test_reading_counts_where_files_hold_more_than_is_prepared(case):
    (info,) = (read_info(path) for path in case.images)
    coarse = model_of((8, 8, 8))
    stage = coarse.stage.model_copy(update={"spacing_mm": (99.0, 99.0, 99.0)})
    coarse = replace(coarse, plan=coarse.plan.model_copy(update={"stages": (stage,)}), at_once=1)
    grid = info.geometry.model_copy(update={"shape": (200, 200, 200)})
    wide = replace(info, geometry=grid, dtype=np.dtype(np.float64))
    assert case_bytes(coarse, [wide]) == 16 * 200**3  # as stored, and once more while it is unpacked


def test_fewer_windows_then_half_precision_then_a_refusal(case):
    model = model_of((8, 8), (0, 1, 2))
    infos = [read_info(case.images[0])]
    far, peak = fit_model(model, [case], 2**34, 2**20)
    assert far.at_once == 300_000 // 64 and not far.half
    assert peak > 2**20 + case_bytes(far, infos)
    seen = []
    for budget in range(peak, 0, -peak // 200):
        try:
            way, expected = fit_model(model, [case], budget, 2**20)
        except BudgetError as error:
            assert "predicting a takes" in str(error)
            break
        assert expected <= budget
        seen.append((way.half, way.at_once))
    assert seen[0] == (False, far.at_once) and len(set(seen)) > 2
    assert seen == sorted(seen, key=lambda w: (w[0], -w[1]))
