from __future__ import annotations

from delineate.core.labels import Labels
from delineate.dataset.case import Case
from delineate.plan.plan import Normaliser
from delineate.store.entry import block_shape, chunk_shape, entry_key, is_written


def test_chunks_are_half_a_patch_within_the_case():
    assert chunk_shape((200, 300, 40), (128, 96, 64), 2) == (64, 48, 32)
    assert chunk_shape((20, 512, 512), (256, 192), 2) == (1, 128, 96)
    assert chunk_shape((40, 56, 40), (40, 56, 40), 2) == (40, 56, 40)


def test_blocks_are_half_a_chunk_that_is_large():
    assert block_shape((2, 40, 80, 81), 2) == (2, 20, 40, 41)
    assert block_shape((1, 64, 48, 32), 2) == (1, 32, 24, 16)
    assert block_shape((1, 128, 96), 2) == (1, 128, 96)
    assert block_shape((5, 512, 512), 1) == (5, 256, 256)


def test_the_key_follows_content_and_decisions_and_not_names(words, tmp_path):
    for name, text in {"a.mhd": "head", "a.raw": "voxels", "b.mhd": "head", "b.raw": "voxels", "l.nii": "x"}.items():
        (tmp_path / name).write_text(text)
    plan = words.plan_of((1.0, 1.0, 1.0))

    def key(image="a.mhd", plan=plan, labels=plan.labels):
        case = Case(name=image, images=(tmp_path / image,), label=tmp_path / "l.nii")
        return entry_key(case, labels, plan, plan.stages[0])

    same = key()
    assert key("b.mhd") == same
    assert key(plan=plan.model_copy(update={"memory_bytes": 1})) == same
    assert key(plan=plan.model_copy(update={"crop": "nonzero"})) != same
    assert key(plan=plan.model_copy(update={"crop_margin_mm": 5.0})) != same
    assert key(plan=plan.model_copy(update={"n4": ("MR",)})) != same
    assert key(plan=plan.model_copy(update={"normalisers": (Normaliser(name="scale"),)})) != same
    assert key(plan=words.plan_of((1.0, 1.0, 1.1))) != same
    two = {"normalisers": (Normaliser(name="zscore"),) * 2, "n4": ("T1",)}
    in_order, swapped = (plan.model_copy(update={**two, "channels": c}) for c in (("T1", "CT"), ("CT", "T1")))
    assert len({key(plan=in_order), key(plan=swapped), same}) == 3
    assert key(labels=Labels.exclusive({1: "one", 3: "two"})) != same
    assert key(labels=Labels.exclusive({1: "one", 2: "two"}, ignore_value=9)) != same
    assert key(labels=Labels.of_instances()) != key(labels=Labels.exclusive({1: "object"}))
    (tmp_path / "b.raw").write_text("other voxels")
    assert key("b.mhd") != same


def test_half_an_entry_is_none(tmp_path):
    assert not is_written(tmp_path)
    (tmp_path / "case.json").write_text("{")
    assert not is_written(tmp_path)
