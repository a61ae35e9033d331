from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from delineate.config import PatchConfig
from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.patches.mistakes import Mistakes
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.steps.guidance import Miner, count_wrong, lead, make_guide

SHAPE = (9, 10, 17)


def brute(wrong):
    """Wrong voxels per block, one voxel at a time."""
    counts = np.zeros([-(-n // 8) for n in wrong.shape])
    for place in np.argwhere(wrong):
        counts[tuple(place // 8)] += 1
    return counts


def test_wrong_voxels_of_exclusive_labels_are_counted_by_block():
    rng = np.random.default_rng(0)
    labels = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)
    logits, truth = rng.normal(size=(3, *SHAPE)), rng.integers(0, 3, SHAPE).astype(np.uint8)
    truth[0] = labels.ignore_id
    wrong = (logits.argmax(0) != truth) & (truth != labels.ignore_id)
    np.testing.assert_array_equal(count_wrong(logits, truth, labels), brute(wrong))


def test_a_voxel_of_regions_is_wrong_once_any_region_is():
    rng = np.random.default_rng(0)
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2))
    logits, truth = rng.normal(size=(2, *SHAPE)), rng.integers(0, 3, SHAPE).astype(np.uint8)
    wrong = ((logits[0] > 0) != (truth > 0)) | ((logits[1] > 0) != (truth == 2))
    np.testing.assert_array_equal(count_wrong(logits, truth, labels), brute(wrong))


@dataclass
class FourCases:
    """Images whose one channel is the truth, except for case d, which a network that copies cannot get right."""

    read: list = field(default_factory=list)

    def shape(self, name):
        return SHAPE

    def whole(self, name):
        self.read.append(name)
        truth = np.zeros(SHAPE, np.uint8)
        truth[2:4, 3:6, 4:7] = 1
        return (truth * (name != "d"))[None].astype(np.float32), truth


class Copies(torch.nn.Module):
    def forward(self, image):
        return torch.cat([0.5 - image, image - 0.5], 1)


@pytest.fixture
def miner(tmp_path):
    stage = Stage(name="full", spacing_mm=(1, 1, 1), patch=(8, 8, 8), batch=2, net=NetPlan(name="plain_unet"))
    plan = Plan(
        dims=3, axes=(0, 1, 2), channels=("CT",), labels=Labels.exclusive({1: "a"}), stages=(stage,), mirror_axes=(),
        normalisers=(Normaliser(name="zscore"),), anisotropic=False, crop="none", memory_bytes=1,
    )  # fmt: skip
    mistakes = Mistakes(tmp_path)
    return Miner(FourCases(), "abcd", plan, stage, mistakes, "cpu", "fp32", 0.5, lambda step: 10 * step)


def test_all_cases_are_looked_at_where_there_are_few(miner):
    miner(Copies().eval(), None, 7)
    assert miner.store.read == list("abcd")
    assert miner.mistakes.names(69) == () and miner.mistakes.names(70) == ("d",)
    voxels = np.array([miner.mistakes.get("d", 70).voxel(np.random.default_rng(i)) for i in range(50)])
    assert (voxels < 8).all()


def test_in_no_time_one_case_is_looked_at_and_another_the_next_time(miner):
    for step in (1, 2, 3, 4, 5):
        miner(Copies().eval(), 0.0, step)
    assert miner.store.read == list("abcda")


def test_maps_begin_to_hold_after_all_that_is_read_ahead():
    for workers in (0, 1, 4, 16):
        assert lead(workers) > max(4, workers) + 1  # `Loader.batches` reads that far ahead


def test_weighted_without_a_folder_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"patches\.weights"):
        make_guide(PatchConfig(sampler="weighted"), Labels.exclusive({1: "a"}), FourCases(), (), tmp_path)


def test_class_names_lead_to_their_ids(tmp_path):
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2))
    guide = make_guide(PatchConfig(), labels, FourCases(), ("a",), tmp_path)
    assert guide.class_ids == {"background": (0,), "whole": (1, 2), "core": (2,)}
    assert guide.weights is None and guide.mistakes is None
