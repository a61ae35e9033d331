from __future__ import annotations

import threading
from itertools import islice

import numpy as np
import pytest
import torch

from delineate.config import PatchConfig
from delineate.core.errors import WorkerError
from delineate.patches.augmentation import AugmentSettings, decide_augment
from delineate.patches.loader import BatchShape, Loader
from delineate.patches.samplers.foreground import ForegroundSampler

PATCH = (4, 6, 8)
AUGMENT = AugmentSettings(dims=3, spacing_mm=(1, 1, 1), mirror_axes=(0,))


def make(source, workers, patch=PATCH, augment=AUGMENT):
    box = (1, *patch)[-3:]
    sampler = ForegroundSampler(source, source.names, box, PatchConfig(), 7)
    return Loader(source, sampler, BatchShape(patch, 2), workers=workers, augment=augment, seed=7)


def same(a, b):
    return (
        a.draws == b.draws
        and a.decisions == b.decisions
        and torch.equal(a.image_bcx, b.image_bcx)
        and torch.equal(a.label_bx, b.label_bx)
    )


@pytest.mark.parametrize("workers", [1, 3, 8])
def test_the_number_of_workers_changes_nothing(source, workers):
    inline = list(make(source, 0).batches(0, 12, lambda step: step // 5))
    threaded = list(make(source, workers).batches(0, 12, lambda step: step // 5))
    assert len(inline) == len(threaded) == 12
    assert all(map(same, inline, threaded))


def test_a_resumed_run_draws_what_the_uninterrupted_one_does(source):
    whole = list(make(source, 2).batches(0, 10))
    resumed = list(make(source, 2).batches(6, 10))
    assert all(map(same, whole[6:], resumed))


def test_every_step_takes_the_next_draws_and_decisions(source):
    batches = list(make(source, 2).batches(0, 6, lambda step: step // 3))
    sampler = ForegroundSampler(source, source.names, PATCH, PatchConfig(), 7)
    keys = [(index, index // 2 // 3) for index in range(12)]
    assert [d for batch in batches for d in batch.draws] == [sampler.sample(index, epoch) for index, epoch in keys]
    decisions = [d for batch in batches for d in batch.decisions]
    assert decisions == [decide_augment(AUGMENT, 7, epoch, index) for index, epoch in keys]


def test_every_sample_belongs_to_one_step(source, monkeypatch):
    asked = []
    monkeypatch.setattr(ForegroundSampler, "sample", lambda self, index, epoch: asked.append((index, epoch)))
    loader = make(source, 0, augment=None)
    for step in range(4):
        loader.decide(step, 9)
    assert asked == [(index, 9) for index in range(8)]


def test_augmentations_follow_the_seed(source):
    def decided(seed):
        sampler = ForegroundSampler(source, source.names, PATCH, PatchConfig(), 7)
        loader = Loader(source, sampler, BatchShape(PATCH, 20), augment=AUGMENT, seed=seed)
        return loader.decide(0)[1]

    assert decided(1) == decided(1) != decided(2)


def test_the_batch_is_what_the_box_holds(source):
    for batch in make(source, 0).batches(0, 5):
        for draw, image, label in zip(batch.draws, batch.image_bcx, batch.label_bx, strict=True):
            wanted_image, wanted_label = source.read_box(draw.case, draw.start, PATCH)
            np.testing.assert_array_equal(image, wanted_image)
            np.testing.assert_array_equal(label, wanted_label)


def test_two_dimensions(source):
    batch = next(make(source, 0, (6, 8), None).batches(0, 1))
    assert batch.image_bcx.shape == (2, 1, 6, 8) and batch.label_bx.shape == (2, 6, 8) and batch.decisions == ()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_broken_case_is_named(memory_source, source, workers):
    broken = memory_source(source.labels, broken=frozenset("b"))
    with pytest.raises(WorkerError, match=r"case b could not be read.*disk on fire"):
        list(make(broken, workers).batches(0, 40))


@pytest.mark.parametrize("workers", [0, 2])
def test_memory_that_runs_out_is_not_the_case_s_fault(source, monkeypatch, workers):
    def no_memory(*_: object) -> None:
        raise MemoryError("Unable to allocate")

    monkeypatch.setattr(type(source), "read_into", no_memory)
    with pytest.raises(MemoryError, match="Unable to allocate"):
        next(make(source, workers).batches(0))


@pytest.mark.parametrize("workers", [0, 2])
def test_endless_and_left_early_leaves_no_thread(source, workers):
    batches = make(source, workers).batches(3)
    assert len(list(islice(batches, 6))) == 6
    batches.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("patch-loader")]


def test_the_epoch_of_the_step_enters_the_draws(source):
    loader = make(source, 0)
    first, later = next(loader.batches(0, 1, lambda step: 0)), next(loader.batches(0, 1, lambda step: 1))
    assert first.draws != later.draws and first.decisions != later.decisions
    steps = list(loader.batches(0, 4, lambda step: step // 2))
    assert same(steps[3], next(loader.batches(3, 4, lambda step: 1)))
