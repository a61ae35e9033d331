from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from delineate.patches.stitch import gaussian
from delineate.patches.tile import tile
from delineate.predict.slide import SlidingLogits


def image_of(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def all_of(*given, **more):
    """The logits of every channel, a few slices at a time."""
    logits = SlidingLogits(*given, **more)
    depth = logits.shape[1]
    slabs = [[logits[k, z : z + 8] for k in range(logits.shape[0])] for z in range(0, depth, 8)]
    return np.concatenate(slabs, axis=1)


@pytest.mark.parametrize("patch", [(4, 6, 5), (20, 20, 20), (3, 30, 4), (8, 8), (40, 40), (5, 40)])
@pytest.mark.parametrize("overlap", [0.0, 0.5, 0.75])
def test_an_engine_that_repeats_its_input_gives_the_image_back(patch, overlap):
    image = image_of(2, 9, 13, 11)
    logits = all_of(lambda windows: windows, image, patch, 2, overlap)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, image, atol=1e-5)


@pytest.mark.parametrize("patch", [(4, 6, 5), (16, 16, 16), (7, 6)])
def test_a_pointwise_network_equals_the_whole_at_once(patch):
    torch.manual_seed(0)
    net = nn.Conv3d(2, 3, 1)
    flat = nn.Conv2d(2, 3, 1)
    flat.load_state_dict({"weight": net.weight[..., 0], "bias": net.bias})
    image = image_of(2, 9, 13, 11)
    with torch.inference_mode():
        whole = net(torch.from_numpy(image)[None])[0].numpy()
        got = all_of(flat if len(patch) == 2 else net, image, patch, 3)
    np.testing.assert_allclose(got, whole, atol=1e-5)


@pytest.mark.parametrize("patch", [(8, 8), (40, 40)])
def test_a_slice_brings_its_neighbours_along(patch):
    image = image_of(2, 6, 13, 11)
    seen = all_of(lambda windows: windows, image, patch, 6, slices=3)  # channels 0-2 are slices of the first channel
    np.testing.assert_allclose(seen[[1, 4]], image, atol=1e-5)
    np.testing.assert_allclose(seen[0, 1:], image[0, :-1], atol=1e-5)
    np.testing.assert_allclose(seen[5, :-1], image[1, 1:], atol=1e-5)
    np.testing.assert_allclose(seen[3, 0], image[1, 0], atol=1e-5)  # beyond the end the last slice goes on


def test_windows_are_weighted_as_by_hand():
    torch.manual_seed(0)
    net, patch, shape = nn.Conv3d(1, 2, 3, padding=1), (6, 8, 8), (9, 13, 11)
    image = image_of(1, *shape)
    sums, seen = np.zeros((2, *shape)), np.zeros(shape)
    weights = gaussian(patch).numpy()
    with torch.inference_mode():
        for start in tile(shape, patch, 0.5):
            box = tuple(slice(s, s + p) for s, p in zip(start, patch, strict=True))
            answer = net(torch.from_numpy(image[(slice(None), *box)])[None])[0].numpy()
            sums[(slice(None), *box)] += answer * weights
            seen[box] += weights
        got = all_of(net, image, patch, 2)
    np.testing.assert_allclose(got, sums / seen, atol=1e-5)


def test_windows_always_have_the_size_of_the_patch_and_zeros_beyond_the_scan():
    shapes, ends = set(), []

    def engine(windows):
        shapes.add(tuple(windows.shape[1:]))
        ends.append(float(windows[..., 5:].abs().max()))
        return windows

    all_of(engine, np.ones((1, 9, 13, 5), np.float32), (4, 6, 8), 1)
    assert shapes == {(1, 4, 6, 8)}
    assert max(ends) == 0


@pytest.mark.parametrize("patch", [(4, 6, 5), (7, 6), (20, 20, 20)])
@pytest.mark.parametrize("at_once", [1, 5])
def test_logits_read_slab_by_slab_are_those_of_the_whole(patch, at_once):
    torch.manual_seed(0)
    net = nn.Conv2d(2, 3, 3, padding=1) if len(patch) == 2 else nn.Conv3d(2, 3, 3, padding=1)
    image = image_of(2, 19, 13, 11)
    with torch.inference_mode():
        whole = all_of(net, image, patch, 3)
        logits = SlidingLogits(net, image, patch, 3, at_once=at_once)
        assert logits.shape == (3, 19, 13, 11)
        for first, last in ((0, 1), (0, 4), (3, 4), (3, 9), (9, 15), (14, 19)):
            for k in range(3):
                np.testing.assert_allclose(logits[k, first:last], whole[k, first:last], atol=1e-5)
        with pytest.raises(ValueError, match="no window"):
            logits[0, 0:3]


def test_few_slices_are_held_and_every_window_is_answered_once():
    asked = []

    def engine(windows):
        asked.append(len(windows))
        return windows

    logits = SlidingLogits(engine, image_of(1, 100, 13, 11), (8, 8, 8), 1, at_once=3)
    for z in range(99):
        assert logits[0, z : z + 2].shape == (2, 13, 11)
        assert len(logits._stitcher._seen) <= 8 + 8
    assert sum(asked) == len(tile((100, 13, 11), (8, 8, 8)))


def test_a_window_of_a_slice_does_not_hold_the_slice():
    image = np.zeros((3, 5, 256, 256), np.float32)
    logits = SlidingLogits(lambda windows: windows, image, (16, 16), 3, slices=3)
    window = logits._window((2, 8, 8))
    assert window.shape == (9, 16, 16)
    assert window.untyped_storage().nbytes() <= 2 * window.nbytes
