from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.core.errors import ConfigError
from delineate.patches.guide import Guide
from delineate.patches.samplers.balanced import BalancedSampler, id_shares

IDS = {"background": (0,), "liver": (1,), "tumour": (2,), "both": (1, 2)}


def sampler_of(source, box=(1, 1, 1), **shares):
    knobs = PatchConfig(class_shares=shares or None)
    return BalancedSampler(source, source.names, box, knobs, 0, Guide(IDS))


def counted(source, n=900, **shares):
    sampler = sampler_of(source, **shares)
    return Counter(sampler.sample(i, 0).class_id for i in range(n))


def test_all_classes_equally_often_the_background_too(source):
    counts = counted(source)
    assert set(counts) == {0, 1, 2} and max(abs(n - 300) for n in counts.values()) < 60


def test_stated_shares_are_kept_and_the_rest_is_divided(source):
    counts = counted(source, tumour=0.6)
    assert abs(counts[2] - 540) < 60 and abs(counts[0] - 180) < 50 and abs(counts[1] - 180) < 50


def test_each_box_is_around_a_voxel_of_its_class(source):
    sampler = sampler_of(source)
    for i in range(300):
        draw = sampler.sample(i, 0)
        assert source.read_box(draw.case, draw.start, (1, 1, 1))[1].item() == draw.class_id


def test_a_large_organ_is_no_background_though_only_a_sample_of_it_is_known(memory_source):
    label = np.zeros((40, 40, 40), np.uint8)
    label[:, :, 12:] = 1
    source = memory_source({"a": label})
    rows = source.foreground("a")[1]
    chosen = np.random.default_rng(0).choice(len(rows), 20_000, replace=False)
    source.foreground = lambda name: {1: rows[np.sort(chosen)]}
    sampler = sampler_of(source, background=1.0)
    draws = [sampler.sample(i, 0) for i in range(200)]
    inside = [source.read_box("a", d.start, (1, 1, 1))[1].item() for d in draws]
    assert {d.kind for d in draws} == {"background"} and sum(inside) == 0


def test_a_case_labelled_all_over_has_no_background_and_says_so(memory_source):
    source = memory_source({"a": np.ones((4, 4, 4), np.uint8)})
    sampler = sampler_of(source, background=1.0)
    assert {sampler.sample(i, 0).kind for i in range(30)} == {"fallback"}


def test_the_share_of_a_region_is_divided_among_its_ids():
    assert id_shares({"both": 0.8}, IDS, (0, 1, 2)) == pytest.approx({0: 0.2, 1: 0.4, 2: 0.4})
    assert id_shares({"both": 0.4, "background": 0.1}, IDS, (0, 1, 2)) == pytest.approx({0: 0.2, 1: 0.4, 2: 0.4})


@pytest.mark.parametrize("shares", [{"tumour": -0.1}, {"liver": 0.7, "tumour": 0.7}, {"both": 0.0, "background": 0.0}])
def test_impossible_shares_are_told(source, shares):
    with pytest.raises(ConfigError, match="class_shares"):
        sampler_of(source, **shares)


def test_a_misspelt_class_is_told(source):
    with pytest.raises(ConfigError) as told:
        sampler_of(source, tumor=0.5)
    assert "did you mean 'tumour'" in str(told.value)
