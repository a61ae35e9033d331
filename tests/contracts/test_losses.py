"""Every loss keeps these promises, for exclusive labels and for regions."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.losses import LOSSES, build_loss

torch.set_num_threads(1)
KINDS = {
    "exclusive": Labels.exclusive({1: "liver", 2: "lesion"}, ignore_value=9),
    "regions": Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2), ignore_value=9),
}


def usable():
    for name in LOSSES:
        for kind, labels in KINDS.items():
            try:
                build_loss(labels, name)
            except UsageError:
                continue
            yield name, kind


CASES = list(usable())
PATCHES = {"background": 0, "foreground": 1, "second class": 2, "ignored": 255, "mixed": None}


def ids_of(value, size=(6, 5, 4)):
    generator = torch.Generator().manual_seed(1)
    if value is None:
        return torch.randint(0, 3, (2, *size), generator=generator)
    return torch.full((2, *size), value)


def logits_of(labels, scale=2.0, size=(6, 5, 4), dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    logits = scale * torch.randn(2, labels.channels, *size, generator=generator)
    return logits.to(dtype).requires_grad_()


def test_every_loss_takes_some_labels_and_the_default_takes_all():
    assert {name for name, _ in CASES} == set(LOSSES)
    assert {kind for name, kind in CASES if name == "dice_ce"} == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize("patch", list(PATCHES))
@pytest.mark.parametrize("scale", [0.0, 2.0, 200.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_finite_with_finite_gradients_on_any_patch(name, kind, patch, scale, dtype):
    logits = logits_of(KINDS[kind], scale, dtype=dtype)
    loss = build_loss(KINDS[kind], name)(logits, ids_of(PATCHES[patch]))
    loss.backward()
    assert loss.shape == () and loss.dtype == torch.float32 and torch.isfinite(loss)
    assert loss >= 0
    assert logits.grad is not None and torch.isfinite(logits.grad).all()
    assert logits.grad.abs().sum() < 50, "no patch explodes"
    if patch == "ignored":
        assert loss == 0 and not logits.grad.any()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_ignored_voxels_count_nowhere(name, kind):
    labels, loss = KINDS[kind], build_loss(KINDS[kind], name)
    ids, logits = ids_of(None), logits_of(KINDS[kind])
    ids[:, :, :, 2:] = labels.ignore_id
    value = loss(logits, ids)
    value.backward()
    assert torch.isclose(value, loss(logits[..., :2], ids[..., :2]), rtol=1e-5)
    assert not logits.grad[..., 2:].any()


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_the_truth_is_better_than_anything_else(name, kind):
    labels, ids = KINDS[kind], ids_of(None)
    if labels.regions:
        target = torch.stack([torch.isin(ids, torch.tensor(c.ids)) for c in labels.classes], 1)
    else:
        target = torch.nn.functional.one_hot(ids, labels.channels).movedim(-1, 1)
    loss, right = build_loss(labels, name), 40.0 * target.float() - 20
    assert loss(right, ids) < 1e-4
    assert loss(-right, ids) > loss(logits_of(labels, 0), ids) > loss(right, ids)


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int16, torch.int32])
def test_any_integer_type_gives_the_same(name, kind, dtype):
    ids, logits, loss = ids_of(None), logits_of(KINDS[kind]), build_loss(KINDS[kind], name)
    ids[0, 0] = KINDS[kind].ignore_id
    assert torch.equal(loss(logits, ids.to(dtype)), loss(logits, ids))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_two_dimensions_are_one_slice_of_three(name, kind):
    ids, logits, loss = ids_of(None), logits_of(KINDS[kind]), build_loss(KINDS[kind], name)
    assert torch.isclose(loss(logits[:, :, :1], ids[:, :1]), loss(logits[:, :, 0], ids[:, 0]))


@pytest.mark.parametrize(("name", "kind"), CASES)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations([0, 1, 2]))
def test_the_order_of_axes_does_not_matter(name, kind, seed, order):
    labels, loss = KINDS[kind], build_loss(KINDS[kind], name)
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, labels.channels, 3, 4, 5, generator=generator)
    ids = torch.randint(0, 3, (2, 3, 4, 5), generator=generator)
    turned = loss(logits.permute(0, 1, *(2 + a for a in order)), ids.permute(0, *(1 + a for a in order)))
    assert torch.isclose(loss(logits, ids), turned, rtol=1e-4)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_wrong_shapes_say_what_to_change(name, kind):
    labels, loss = KINDS[kind], build_loss(KINDS[kind], name)
    logits = logits_of(labels)
    for ids, told in (
        (ids_of(0)[:, None], r"ids\[:, 0\]"),
        (ids_of(0).float(), r"\.long\(\)"),
        (ids_of(0)[:, :3], "same patches"),
    ):
        with pytest.raises(UsageError, match=told):
            loss(logits, ids)
    with pytest.raises(UsageError, match="from 0 to 2 and 255"):
        loss(logits, ids_of(3))
    with pytest.raises(UsageError, match=f"out_channels={labels.channels}"):
        loss(torch.zeros(2, 7, 6, 5, 4), ids_of(0))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_autocast_changes_nothing(name, kind):
    logits, ids, loss = logits_of(KINDS[kind]), ids_of(None), build_loss(KINDS[kind], name)
    with torch.autocast("cpu", torch.bfloat16):
        inside = loss(logits, ids)
    assert torch.equal(inside, loss(logits, ids))
