from __future__ import annotations

import pytest

from delineate.plan.budget import (
    BASE_BYTES,
    RESERVE,
    STORE_CACHE_BYTES,
    predict_bytes,
    steps_wanted,
    store_bytes,
    train_bytes,
)


def test_memory_is_five_copies_of_the_weights_and_the_activations():
    assert train_bytes(0, 0, 1) == BASE_BYTES
    assert train_bytes(1000, 0, 1) - BASE_BYTES == 20_000
    assert train_bytes(0, 1000, 3) - BASE_BYTES == 1.5 * 4 * 3000
    assert train_bytes(0, 1000, 3, value_bytes=2) - BASE_BYTES == 1.5 * 2 * 3000
    assert 0 < RESERVE < 1


@pytest.mark.parametrize(("minutes", "steps"), [(3, 805), (10, 1470), (30, 2546), (1440, 17636)])
def test_steps_grow_with_the_root_of_the_time(minutes, steps):
    assert steps_wanted(60 * minutes) == steps


def test_the_shortest_run_has_a_hundred_steps():
    assert steps_wanted(0.0) == 100


def test_predicting_holds_the_image_the_sums_and_the_masks_of_the_largest_case():
    assert predict_bytes(0, 0, 1, 2) == BASE_BYTES
    assert predict_bytes(0, 10, 2, 3) - BASE_BYTES == 10 * (4 * 2 + 4 * 3 + 4 + 8)


def test_the_store_keeps_half_precision_images_and_byte_labels_up_to_its_limit():
    assert store_bytes(1000, 2) == 5000
    assert store_bytes(10**12, 1) == STORE_CACHE_BYTES
