from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.core.auxiliary import Auxiliary
from delineate.core.labels import Labels
from delineate.losses import build_loss
from delineate.losses.auxiliary import boundary_of, downsample_ids, resize_mask

LABELS = Labels.exclusive({1: "a", 2: "b"})


@pytest.mark.parametrize(("old", "new"), [((8, 6), (4, 3)), ((8, 6, 4), (4, 6, 1)), ((7, 9, 5), (4, 5, 3))])
def test_ids_are_sampled_at_the_nearest_centre(old, new):
    ids = torch.randint(0, 200, (2, *old), generator=torch.Generator().manual_seed(0))
    expected = F.interpolate(ids[:, None].float(), size=new, mode="nearest-exact")[:, 0].long()
    assert torch.equal(downsample_ids(ids, new), expected)


def test_weights_are_divided_by_their_sum():
    torch.manual_seed(0)
    ids = torch.randint(0, 3, (2, 8, 8))
    logits = {name: torch.randn(2, 3, n, n) for name, n in (("out", 8), ("side", 4), ("deep", 2))}
    loss = build_loss(LABELS, auxiliaries={"side": Auxiliary(weight=0.5), "deep": Auxiliary(weight=0.25)})
    parts = [loss(one, downsample_ids(ids, one.shape[2:])) for one in logits.values()]
    expected = (4 * parts[0] + 2 * parts[1] + parts[2]) / 7
    torch.testing.assert_close(loss(logits, ids), expected)
    torch.testing.assert_close(loss({"out": logits["out"]}, ids), parts[0])


@pytest.mark.parametrize("size", [(9, 7), (6, 5, 4)])
def test_a_boundary_touches_another_id(size):
    ids = torch.randint(0, 3, (2, *size), generator=torch.Generator().manual_seed(0))
    edge = boundary_of(ids)
    for at in torch.cartesian_prod(*(torch.arange(n) for n in ids.shape)).tolist():
        near = [
            tuple(x + (d if a == axis else 0) for a, x in enumerate(at)) for axis in range(1, len(at)) for d in (-1, 1)
        ]
        near = [n for n in near if all(0 <= x < s for x, s in zip(n, ids.shape, strict=True))]
        assert edge[tuple(at)] == (ids[tuple(at)] > 0 and any(ids[n] != ids[tuple(at)] for n in near))


def test_a_thin_line_stays_when_a_mask_shrinks():
    mask = torch.zeros(1, 8, 8, dtype=torch.bool)
    mask[:, 3] = True
    small = resize_mask(mask, (4, 4))
    assert small.shape == (1, 1, 4, 4) and small[0, 0, 1].all() and small.sum() == 4


def test_edges_are_judged_by_boundaries():
    ids = torch.zeros(1, 8, 8, dtype=torch.uint16)
    ids[:, 2:6, 2:6] = 1
    loss = build_loss(LABELS, auxiliaries={"edge": Auxiliary(weight=1.0, target="boundary")})
    out = torch.zeros(1, 3, 8, 8)
    good = 20.0 * (boundary_of(ids.long())[:, None].float() - 0.5)
    right, wrong = loss({"out": out, "edge": good}, ids), loss({"out": out, "edge": -good}, ids)
    torch.testing.assert_close(right, loss(out, ids) / 2, atol=1e-3, rtol=0)
    assert wrong > right + 4


def test_presence_is_judged_by_whether_any_class_is_there():
    labels = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)
    ids = torch.zeros(3, 8, 8, dtype=torch.uint8)
    ids[0, 2, 3], ids[1, 2, 3] = labels.ignore_id, 2
    loss = build_loss(labels, auxiliaries={"presence": Auxiliary(weight=1.0, target="presence")})
    out, given = torch.zeros(3, 3, 8, 8), torch.tensor([-1.0, 2.0, 0.5])
    expected = F.binary_cross_entropy(given.sigmoid(), torch.tensor([0.0, 1.0, 0.0]))
    both = loss({"out": out, "presence": given.view(3, 1, 1, 1)}, ids)
    torch.testing.assert_close(both, (loss(out, ids) + expected) / 2)


def test_ignored_voxels_have_no_boundary_and_do_not_count():
    labels = Labels.exclusive({1: "a", 2: "b"}, ignore_value=9)
    ids = torch.zeros(1, 8, 8, dtype=torch.long)
    ids[:, :4] = 1
    ids[:, 6:] = labels.ignore_id
    assert boundary_of(ids, labels.ignore_id).nonzero()[:, 1].unique().tolist() == [3], "not along the ignored rows"
    loss = build_loss(labels, auxiliaries={"edge": Auxiliary(weight=1.0, target="boundary")})
    out, edge = torch.zeros(1, 3, 8, 8), torch.randn(1, 1, 8, 8)
    value = loss({"out": out, "edge": edge}, ids)
    edge[:, :, 6:] += 5
    assert loss({"out": out, "edge": edge}, ids) == value
    edge[:, :, 5] += 5
    assert loss({"out": out, "edge": edge}, ids) > value
