from __future__ import annotations

from itertools import pairwise

import pytest

from delineate.plan.budget import (
    BASE_BYTES,
    MAPPED,
    RECORD_BYTES,
    RESERVE,
    RESTORE_VOXELS,
    STORE_CACHE_BYTES,
    TIMED_COPIES,
    TINY_BYTES,
    forward_bytes,
    predict_bytes,
    slab_bytes,
    steps_wanted,
    store_bytes,
    store_limit,
    train_bytes,
    windows_at_once,
)
from delineate.plan.plan import NetPlan, Stage


def test_memory_is_six_copies_of_the_weights_and_the_activations():
    assert train_bytes(0, 0, 1) == BASE_BYTES
    assert train_bytes(1000, 0, 1) - BASE_BYTES == 24_000
    assert train_bytes(1000, 0, 1, copies=TIMED_COPIES) - BASE_BYTES == 8_000
    assert train_bytes(0, 1000, 3) - BASE_BYTES == 1.6 * 4 * 3000
    assert train_bytes(0, 1000, 3, value_bytes=2) - BASE_BYTES == 1.6 * 2 * 3000
    assert train_bytes(1000, 0, 1, value_bytes=2) - BASE_BYTES == 26_000
    assert train_bytes(0, 0, 3, logits=100) - BASE_BYTES == 12 * 300
    assert 0 < RESERVE < 1


@pytest.mark.parametrize(("minutes", "steps"), [(3, 805), (10, 1470), (30, 2546), (1440, 17636)])
def test_steps_grow_with_the_root_of_the_time(minutes, steps):
    assert steps_wanted(60 * minutes) == steps


@pytest.mark.parametrize(("minutes", "steps"), [(1, 120), (3, 360), (10, 1200), (30, 2546), (1440, 17636)])
def test_in_a_short_run_so_many_a_second_may_do(minutes, steps):
    assert steps_wanted(60 * minutes, per_second=2.0) == steps


@pytest.mark.parametrize("per_second", [1.0, float("inf")])
def test_the_shortest_run_has_a_hundred_steps_or_as_few_as_do(per_second):
    assert steps_wanted(0.0) == steps_wanted(1.0, per_second) == 100
    assert steps_wanted(0.1, per_second, fewest=30) == 30


def test_predicting_holds_the_image_and_the_masks_of_the_largest_case():
    assert predict_bytes(0, 0, 1, 2) == BASE_BYTES
    assert predict_bytes(10, 0, 1) == BASE_BYTES + 240
    assert predict_bytes(0, 10, 2) - BASE_BYTES == 10 * (4 * 2 + 8)
    assert predict_bytes(0, 10, 2, whole=3) - BASE_BYTES == 10 * (4 * 2 + 4 * 3 + 8)


def test_windows_cost_by_their_voxels_and_the_width():
    narrow, wide = (
        Stage(name="full", spacing_mm=(1, 1, 1), patch=(10, 10, 10), batch=2, net=NetPlan(name="plain_unet", options=o))
        for o in ({"widths": (8, 16)}, {})
    )
    assert forward_bytes(narrow, 2, 3) == 3 * 1000 * (9 * 4 * 8 + 16)
    assert forward_bytes(wide, 2, 1, value_bytes=2) == 1000 * (9 * 2 * 32 + 16)
    assert windows_at_once((64, 64, 64)) == 1 and windows_at_once((100, 100)) == 30


def test_logits_are_held_as_deep_as_a_window_and_a_slab_need():
    plane, patch = 512 * 512, (64, 64, 64)
    slab = RESTORE_VOXELS // plane
    assert slab_bytes((500, 512, 512), patch, 4) == 4 * 5 * plane * (64 + slab) + 20 * RESTORE_VOXELS
    assert slab_bytes((500, 512, 512), (64, 64), 4) == 4 * 5 * plane * (1 + slab) + 20 * RESTORE_VOXELS
    assert slab_bytes((5, 10, 10), patch, 4) == 4 * 5 * 500 + 20 * 500


def test_the_store_keeps_half_precision_images_and_byte_labels_up_to_its_limit():
    assert store_bytes([400, 600], 2) == 5000 + 2 * RECORD_BYTES
    assert store_bytes([400, 600], 2, label_bytes=2) == 6000 + 2 * RECORD_BYTES
    assert store_limit(2**40) == STORE_CACHE_BYTES and store_limit(2**30) == 2**27


def test_of_more_than_its_limit_the_store_maps_files_of_large_cases_and_keeps_some_tiny_ones():
    large, tiny = 2 * TINY_BYTES, TINY_BYTES / 4
    assert store_bytes([large] * 10**4, 1) == MAPPED * STORE_CACHE_BYTES + 10**4 * RECORD_BYTES
    assert store_bytes([tiny] * 10**4, 1) == STORE_CACHE_BYTES + 10**4 * RECORD_BYTES
    few = [large] * 16  # 384 MiB decompressed, about half as much in files
    assert store_bytes(few, 1, 2**27) == 3 * 2**26 + 16 * RECORD_BYTES
    mixed = [*few, *[tiny] * 16]
    assert store_bytes(mixed, 1, 2**27) == 3 * 2**26 + 3 * 2**24 + 32 * RECORD_BYTES


def test_a_little_more_memory_does_not_mean_much_more_for_the_store():
    cases = [2e6] * 50
    held = [store_bytes(cases, 1, limit * 2**20) for limit in range(16, 400)]
    assert all(0 <= b - a <= 2 * 2**20 for a, b in pairwise(held))
