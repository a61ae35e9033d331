from __future__ import annotations

import torch

from delineate.config import PatchConfig
from delineate.core.labels import Labels
from delineate.patches.augmentation import AugmentSettings, augment, count_applied, decide_augment
from delineate.patches.batch import Batch, Decision
from delineate.patches.draw import Draw
from delineate.patches.strength import STRENGTHS
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage

SETTINGS = AugmentSettings(
    knobs=PatchConfig(elastic=0.3), dims=3, channels=1, mirror_axes=(0, 2), spacing_mm=(1.0, 1.0, 1.0)
)


def make(n, decisions=()):
    torch.manual_seed(0)
    draws = (Draw("a", (0, 0, 0), "uniform"),) * n
    return Batch(torch.randn(n, 1, 8, 10, 12), torch.randint(0, 3, (n, 8, 10, 12)), draws, tuple(decisions))


def test_decisions_are_keyed():
    first = [decide_augment(SETTINGS, 1, 2, i) for i in range(10)]
    assert first == [decide_augment(SETTINGS, 1, 2, i) for i in range(10)]
    assert first != [decide_augment(SETTINGS, 1, 3, i) for i in range(10)]
    assert first != [decide_augment(SETTINGS, 3, 2, i) for i in range(10)]
    assert first != [decide_augment(SETTINGS, 1, 2, i) for i in range(10, 20)]


def test_one_augmentation_does_not_follow_from_another():
    settings = SETTINGS.model_copy(update={"knobs": PatchConfig(intensity=0.5)})
    params = [decide_augment(settings, 0, 0, i).params for i in range(200)]
    both = [p for p in params if "brightness" in p and "contrast" in p]  # drawn from the same range
    assert 20 < len(both) < 80
    assert all(p["brightness"].factors != p["contrast"].factors for p in both)


def test_a_batch_is_its_samples_one_by_one():
    decisions = [decide_augment(SETTINGS, 0, 0, i) for i in range(8)]
    batch = make(8, decisions)
    whole = augment(batch)
    for i in range(8):
        part = Batch(batch.image_bcx[i : i + 1], batch.label_bx[i : i + 1], batch.draws[:1], (decisions[i],))
        torch.testing.assert_close(augment(part).image_bcx[0], whole.image_bcx[i], rtol=1e-4, atol=1e-4)
        assert torch.equal(augment(part).label_bx[0], whole.label_bx[i])


def test_what_was_given_stays():
    batch = make(4, [decide_augment(SETTINGS, 0, 0, i) for i in range(4)])
    before = batch.image_bcx.clone(), batch.label_bx.clone()
    after = augment(batch)
    assert torch.equal(before[0], batch.image_bcx) and torch.equal(before[1], batch.label_bx)
    assert after.decisions == () and not torch.equal(after.image_bcx, batch.image_bcx)


def test_without_decisions_nothing_happens():
    for decisions in ((), [Decision()] * 2):
        batch = make(2, decisions)
        assert augment(batch).image_bcx is batch.image_bcx


def test_counts_follow_the_probabilities():
    decisions = [decide_augment(SETTINGS, 0, 0, i) for i in range(500)]
    counts = count_applied(decisions)
    wanted = {"spatial": 0.65, "noise": 0.3, "blur": 0.1, "low_resolution": 0.1, "gamma": 0.3, "mirror": 0.75}
    assert all(abs(counts[name] / 500 - share) < 0.08 for name, share in wanted.items())
    assert set(count_applied([])) == set(counts) and not any(count_applied([]).values())


def test_settings_of_a_plan():
    stage = Stage(name="full", spacing_mm=(5.0, 1.0, 1.5), patch=(8, 9), batch=2, net=NetPlan(name="plain_unet"))
    plan = Plan(
        dims=2,
        axes=(0, 1, 2),
        channels=("T1", "T2"),
        labels=Labels.exclusive({1: "liver"}),
        normalisers=(Normaliser(name="zscore"),) * 2,
        stages=(stage,),
        mirror_axes=(1,),
        anisotropic=True,
        crop="none",
        memory_bytes=1,
    )
    settings = AugmentSettings.from_plan(PatchConfig(), plan, stage)
    assert settings.spacing_mm == (1.0, 1.5) and settings.channels == 2 and settings.free_axes == (0, 1)
    assert settings.kinds == ("other", "other") and settings.side_axis == 1
    assert (
        AugmentSettings.from_plan(PatchConfig(), plan.model_copy(update={"axes": (2, 0, 1)}), stage).side_axis is None
    )
    light = AugmentSettings.from_plan(PatchConfig(), plan.model_copy(update={"strength": "light"}), stage)
    assert (settings.strength, light.strength) == (STRENGTHS["standard"], STRENGTHS["light"])
    thick = settings.model_copy(update={"dims": 3})
    assert thick.free_axes == (1, 2)


def test_settings_of_slabs_and_of_ct_with_sides():
    stage = Stage(name="full", spacing_mm=(5.0, 1.0, 1.5), patch=(8, 9), batch=2, net=NetPlan(name="plain_unet"))
    plan = Plan(
        dims=2, axes=(0, 1, 2), channels=("CT", "PET", "photo", "CT"), labels=Labels.exclusive({1: "a", 2: "b"}),
        normalisers=tuple(Normaliser(name=name) for name in ("ct", "zscore", "scale", "window")), stages=(stage,),
        mirror_axes=(1,), mirror_swaps=((1, 2),), anisotropic=True, crop="none", memory_bytes=1, slices=3,
    )  # fmt: skip
    settings = AugmentSettings.from_plan(PatchConfig(), plan, stage)
    assert (settings.dims, settings.mirror_axes, settings.side_axis, settings.free_axes) == (3, (2,), 2, (1, 2))
    assert settings.mirror_swaps == ((1, 2),)
    assert [settings.channels_of(kind) for kind in ("ct", "other", "picture")] == [(0, 3), (1,), (2,)]
