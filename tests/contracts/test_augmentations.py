"""What every augmentation must keep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from delineate.config import PatchConfig
from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings
from delineate.patches.strength import Strength

SHAPES = [(10, 12, 14), (18, 22)]
PLAIN = (int, float, bool, str, type(None))
IGNORE = 255
SHARES = [name for name in Strength.model_fields if name not in ("rotation_degrees", "scale")]
NEVER = PatchConfig(**dict.fromkeys(SHARES, 0.0))
ALWAYS = PatchConfig(**dict.fromkeys(SHARES, 1.0))


def settings(dims, knobs=ALWAYS, **changed):
    return AugmentSettings(
        knobs=knobs,
        dims=dims,
        channels=2,
        mirror_axes=tuple(range(dims)),
        spacing_mm=(1.0, 1.5, 2.0)[:dims],
        kinds=("other", "ct"),
        side_axis=dims - 1,
        mirror_swaps=((1, 3),),
    ).model_copy(update=changed)


def tensors(shape, batch=4, channels=2, dtype=torch.int64):
    rng = np.random.default_rng(0)
    image = rng.standard_normal((batch, channels, *shape), dtype=np.float32)
    return torch.from_numpy(image), torch.from_numpy(rng.integers(0, 4, (batch, *shape))).to(dtype)


def decided(name, dims, n=4):
    each = AUGMENTATIONS[name]()
    found = (each.decide(np.random.default_rng(i), settings(dims)) for i in range(99))
    return each, [p for p in found if p is not None][:n]


DRAWN_THERE = ("noise", "kspace_noise")
"""Draw numbers by the million on the device of the batch: other numbers of the same kind on another."""


@pytest.mark.parametrize("name", AUGMENTATIONS.names())
@pytest.mark.parametrize("shape", SHAPES)
class TestEvery:
    def test_decisions_are_frozen_plain_data_of_the_generator_alone(self, name, shape):
        each, params = decided(name, len(shape))
        for p in params:
            assert p.__dataclass_params__.frozen
            assert all(isinstance(v, PLAIN) for v in _leaves(dataclasses.asdict(p)))
        again = each.decide(np.random.default_rng(3), settings(len(shape)))
        assert again == each.decide(np.random.default_rng(3), settings(len(shape)))

    @pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
    def test_shapes_types_and_ids_stay(self, name, shape, dtype):
        each, params = decided(name, len(shape))
        image, label = each.apply(*tensors(shape, dtype=dtype), params)
        assert image.shape == (4, 2, *shape) and image.dtype == torch.float32 and torch.isfinite(image).all()
        assert label.shape == (4, *shape) and label.dtype == dtype
        assert set(label.unique().tolist()) <= {0, 1, 2, 3}

    @pytest.mark.parametrize("dtype", [torch.uint8, torch.int64])
    def test_what_nobody_labelled_stays_unlabelled(self, name, shape, dtype):
        each, params = decided(name, len(shape))
        image, label = tensors(shape, dtype=dtype)
        label[:, shape[0] // 2 :] = IGNORE
        _, after = each.apply(image, label, params)
        assert set(after.unique().tolist()) <= {0, 1, 2, 3, IGNORE}
        assert ((after == IGNORE).flatten(1).sum(1) > 0.2 * label[0].numel()).all()
        everything = torch.full_like(label, IGNORE)
        assert (each.apply(tensors(shape)[0], everything.clone(), params)[1] == IGNORE).all()

    def test_it_changes_something(self, name, shape):
        each, params = decided(name, len(shape))
        before, _ = tensors(shape)
        after, _ = each.apply(*tensors(shape), params)
        assert not torch.equal(before, after)

    def test_it_does_the_same_again(self, name, shape):
        each, params = decided(name, len(shape))
        for first, second in zip(each.apply(*tensors(shape), params), each.apply(*tensors(shape), params), strict=True):
            assert torch.equal(first, second)

    def test_samples_it_was_not_decided_for_stay(self, name, shape):
        each, params = decided(name, len(shape))
        image, label = tensors(shape)
        after, after_label = each.apply(*tensors(shape), [None, params[0], None, None])
        others = [0, 2, 3]
        assert torch.equal(after[others], image[others]) and torch.equal(after_label[others], label[others])

    def test_a_batch_is_its_samples_one_by_one(self, name, shape):
        each, params = decided(name, len(shape))
        params = [params[0], None, *params[1:3]]
        image, label = tensors(shape)
        one_by_one = [
            each.apply(image[i : i + 1].clone(), label[i : i + 1].clone(), [p])
            if p is not None
            else (image[i : i + 1].clone(), label[i : i + 1].clone())
            for i, p in enumerate(params)
        ]
        both = each.apply(image, label, params)
        for whole, parts in zip(both, zip(*one_by_one, strict=True), strict=True):
            torch.testing.assert_close(whole, torch.cat(parts), rtol=1e-5, atol=1e-5)

    @pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that torch can use")
    def test_a_gpu_does_what_a_cpu_does(self, name, shape):
        each, params = decided(name, len(shape))
        image, label = tensors(shape)
        there = each.apply(image.cuda(), label.cuda(), params)
        here = each.apply(image, label, params)
        assert all(t.device.type == "cuda" for t in there)
        if name in DRAWN_THERE:
            torch.testing.assert_close(there[0].cpu().std(), here[0].std(), rtol=0.1, atol=0.01)
        else:
            torch.testing.assert_close(there[0].cpu(), here[0], rtol=1e-3, atol=1e-3)
        assert (there[1].cpu() != here[1]).float().mean() < 1e-3  # a border may be rounded to the other side

    def test_all_is_made_on_the_device_of_the_batch(self, name, shape):
        """A tensor without values is on a device that no other may be mixed with."""
        if name in DRAWN_THERE:
            pytest.skip("draws with a generator of the device; tensors without values have none")
        each, params = decided(name, len(shape))
        image, label = tensors(shape)
        after, ids = each.apply(image.to("meta"), label.to("meta"), params)
        assert (after.device.type, ids.device.type) == ("meta", "meta")
        assert after.shape == image.shape and ids.shape == label.shape

    def test_further_channels_keep_their_intensities(self, name, shape):
        """A stage's prior rides along in channels that are no intensities: moved, but of the same values."""
        each, params = decided(name, len(shape))
        image, label = tensors(shape, channels=3)
        image[:, 2] = 1.0
        after, _ = each.apply(image, label, params)
        torch.testing.assert_close(after[:, 2], torch.ones_like(after[:, 2]))

    @pytest.mark.parametrize("value", [0.0, 3.0])
    def test_a_constant_patch_stays_finite(self, name, shape, value):
        each, params = decided(name, len(shape))
        image, label = torch.full((4, 2, *shape), value), torch.zeros((4, *shape), dtype=torch.int64)
        assert torch.isfinite(each.apply(image, label, params)[0]).all()

    def test_patches_of_one_voxel_along_an_axis(self, name, shape):
        each, params = decided(name, len(shape))
        thin = (1, *shape[1:])
        image, label = each.apply(*tensors(thin), params)
        assert image.shape == (4, 2, *thin) and torch.isfinite(image).all() and label.shape == (4, *thin)


@pytest.mark.parametrize("name", AUGMENTATIONS.names())
class TestDecisions:
    def test_share_zero_is_never(self, name):
        off = settings(3, NEVER, mirror_axes=())
        assert all(AUGMENTATIONS[name]().decide(np.random.default_rng(i), off) is None for i in range(20))

    def test_artefacts_keep_to_their_modality(self, name):
        """CT has none of MR's artefacts, MR none of CT's, and pictures none of either."""
        each = AUGMENTATIONS[name]()
        found = {
            kind: each.decide(np.random.default_rng(0), settings(3, kinds=(kind, kind), mirror_axes=(0, 1, 2)))
            for kind in ("ct", "other", "picture")
        }
        if name in MR or name in CT:
            assert {kind for kind, p in found.items() if p is not None} == {"other" if name in MR else "ct"}

    def test_thick_slices_are_not_mixed(self, name):
        """Whatever has an axis, or axes, keeps to those that may be mixed."""
        each = AUGMENTATIONS[name]()
        thick = settings(3, anisotropic=True, kinds=("other", "ct"))
        for p in filter(None, (each.decide(np.random.default_rng(i), thick) for i in range(30))):
            axes = getattr(p, "axes", (getattr(p, "axis", 1),))
            assert name == "mirror" or 0 not in axes
            assert all(frequency[0] == 0 for frequency in getattr(p, "frequencies", ()))

    def test_artefacts_touch_the_channels_of_their_modality_alone(self, name):
        each, mixed = AUGMENTATIONS[name](), settings(3, channels=4, kinds=("ct", "other", "picture", "ct"))
        touched = set()
        for i in range(12):
            image, label = tensors((6, 8, 10), 1, channels=4)
            p = each.decide(np.random.default_rng(i), mixed)
            if p is not None:
                after, _ = each.apply(image.clone(), label, [p])
                touched |= {c for c in range(4) if not torch.equal(after[0, c], image[0, c])}
        assert touched == ({1} if name in MR else {0, 3} if name in CT else {0, 1, 2, 3})


STATED = [
    ("anisotropy", lambda p: p.thickness, 1.5, 4.0),
    ("bias_field", lambda p: p.limit, 0.1, 0.5),
    ("blur", lambda p: p.sigma_voxels, 0.5, 1.0),
    ("brightness", lambda p: p.factors[1], 0.75, 1.25),
    ("contrast", lambda p: p.factors[1], 0.75, 1.25),
    ("cutout", lambda p: len(p.boxes), 1, 3),
    ("gamma", lambda p: p.exponents[1], 0.7, 1.5),
    ("ghosting", lambda p: p.every, 2, 5),
    ("ghosting", lambda p: p.loss, 0.2, 0.7),
    ("hu_shift", lambda p: p.factors[0], 0.9, 1.1),
    ("hu_shift", lambda p: p.shifts[0], -0.2, 0.2),
    ("kspace_noise", lambda p: p.levels[0], 0.02, 0.2),
    ("low_resolution", lambda p: p.zoom, 0.5, 1.0),
    ("metal_streaks", lambda p: p.rays, 4, 12),
    ("metal_streaks", lambda p: p.reach, 0.1, 0.4),
    ("metal_streaks", lambda p: p.radius, 0.01, 0.03),
    ("metal_streaks", lambda p: p.height, 0.5, 2.0),
    ("metal_streaks", lambda p: p.place[0], 0.1, 0.9),
    ("motion", lambda p: len(p.times), 1, 3),
    ("motion", lambda p: p.times[0], 0.1, 0.9),
    ("motion", lambda p: _moves(p)[0][0][-1], -0.04, 0.04),
    ("motion", lambda p: _angle(p), 0.0, 5.0),
    ("noise", lambda p: p.levels[1], 0.0, 0.25),
    ("spatial", lambda p: p.elastic, 0.3, 0.9),
    ("spikes", lambda p: len(p.heights), 1, 3),
    ("spikes", lambda p: p.heights[0], 0.2, 0.8),
    ("spikes", lambda p: abs(p.frequencies[0][0]), 0.1, 0.5),
]


@pytest.mark.parametrize(("name", "value", "low", "high"), STATED)
def test_decisions_fill_the_range_that_is_stated(name, value, low, high):
    each, even = AUGMENTATIONS[name](), settings(2, spacing_mm=(1.0, 1.0))
    found = [value(each.decide(np.random.default_rng(i), even)) for i in range(400)]
    slack = 0.1 * (high - low)
    assert low <= min(found) <= low + slack and high - slack <= max(found) <= high + 1e-9


def test_gamma_is_inverted_in_a_quarter_of_the_cases():
    inverted = sum(AUGMENTATIONS["gamma"]().decide(np.random.default_rng(i), settings(2)).invert for i in range(400))
    assert 70 <= inverted <= 130


def _moves(p):
    return [pose for pose in p.poses if pose is not None]


def _angle(p):
    (a, b, _), _ = _moves(p)[0]
    return abs(np.degrees(np.arctan2(b, a)))


MR = {"bias_field", "motion", "ghosting", "spikes", "kspace_noise"}
CT = {"hu_shift", "metal_streaks"}


def test_the_usual_ones_are_there():
    assert set(AUGMENTATIONS.names()) >= {
        "spatial", "mirror", "noise", "blur", "brightness", "contrast", "gamma", "low_resolution"
    }  # fmt: skip


def test_orders_are_all_different():
    orders = [AUGMENTATIONS[name].order for name in AUGMENTATIONS]
    assert len(set(orders)) == len(orders)


def _leaves(value):
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value
