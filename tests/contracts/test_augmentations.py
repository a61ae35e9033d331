"""What every augmentation must keep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from delineate.config import PatchConfig
from delineate.patches.augmentation import AUGMENTATIONS, AugmentSettings

SHAPES = [(10, 12, 14), (18, 22)]
PLAIN = (int, float, bool, str, tuple, type(None))


def settings(dims, **knobs):
    every = {"affine": 1.0, "elastic": 1.0, "intensity": 1.0, "blur": 1.0, "low_resolution": 1.0}
    return AugmentSettings(
        knobs=PatchConfig(**{**every, **knobs}),
        dims=dims,
        channels=2,
        mirror_axes=tuple(range(dims)),
        spacing_mm=(1.0, 1.5, 2.0)[:dims],
    )


def tensors(shape, batch=4, channels=2):
    rng = np.random.default_rng(0)
    image = rng.standard_normal((batch, channels, *shape), dtype=np.float32)
    return torch.from_numpy(image), torch.from_numpy(rng.integers(0, 4, (batch, *shape)))


def decided(name, dims, n=4):
    each = AUGMENTATIONS[name]()
    found = (each.decide(np.random.default_rng(i), settings(dims)) for i in range(99))
    return each, [p for p in found if p is not None][:n]


@pytest.mark.parametrize("name", AUGMENTATIONS.names())
@pytest.mark.parametrize("shape", SHAPES)
class TestEvery:
    def test_decisions_are_frozen_plain_data_of_the_generator_alone(self, name, shape):
        each, params = decided(name, len(shape))
        for p in params:
            assert p.__dataclass_params__.frozen
            assert all(isinstance(v, PLAIN) for v in dataclasses.asdict(p).values())
        again = each.decide(np.random.default_rng(3), settings(len(shape)))
        assert again == each.decide(np.random.default_rng(3), settings(len(shape)))

    def test_shapes_types_and_ids_stay(self, name, shape):
        each, params = decided(name, len(shape))
        image, label = each.apply(*tensors(shape), params)
        assert image.shape == (4, 2, *shape) and image.dtype == torch.float32 and torch.isfinite(image).all()
        assert label.shape == (4, *shape) and label.dtype == torch.int64
        assert set(label.unique().tolist()) <= {0, 1, 2, 3}

    def test_it_changes_something(self, name, shape):
        each, params = decided(name, len(shape))
        before, _ = tensors(shape)
        after, _ = each.apply(*tensors(shape), params)
        assert not torch.equal(before, after)

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

    def test_further_channels_keep_their_intensities(self, name, shape):
        """A stage's prior rides along in channels that are no intensities: moved, but of the same values."""
        each, params = decided(name, len(shape))
        image, label = tensors(shape, channels=3)
        image[:, 2] = 1.0
        after, _ = each.apply(image, label, params)
        torch.testing.assert_close(after[:, 2], torch.ones_like(after[:, 2]))

    def test_a_constant_patch_stays_finite(self, name, shape):
        each, params = decided(name, len(shape))
        image, label = torch.full((4, 2, *shape), 3.0), torch.zeros((4, *shape), dtype=torch.int64)
        assert torch.isfinite(each.apply(image, label, params)[0]).all()


@pytest.mark.parametrize("name", AUGMENTATIONS.names())
def test_probability_zero_is_never(name):
    off = settings(3, affine=0, elastic=0, intensity=0, blur=0, low_resolution=0).model_copy(update={"mirror_axes": ()})
    assert all(AUGMENTATIONS[name]().decide(np.random.default_rng(i), off) is None for i in range(20))


def test_orders_are_all_different():
    orders = [AUGMENTATIONS[name].order for name in AUGMENTATIONS]
    assert len(set(orders)) == len(orders)
