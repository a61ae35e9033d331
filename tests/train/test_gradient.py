from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import BudgetError
from delineate.train.fit import fit
from delineate.train.gradient import Gradient


class Cramped(nn.Module):
    """A network on a device that holds so many images at once while it trains."""

    def __init__(self, net, room):
        super().__init__()
        self.net, self.room, self.seen = net, room, []

    def forward(self, x):
        self.seen.append(len(x))
        if self.training and len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB\nand more")
        return self.net(x)


def batches_of(kit, count, size):
    """Batches of ``size`` images each."""
    source = kit.Source().batches(0)
    toys = [next(source) for _ in range(count * size // 2)]
    images, labels = torch.cat([t.image_bcx for t in toys]), torch.cat([t.label_bx for t in toys])
    return [type(toys[0])(i, b) for i, b in zip(images.split(size), labels.split(size), strict=True)]


def gradients(net):
    return [p.grad.clone() for p in net.parameters()]


@pytest.mark.parametrize(("room", "pieces", "size"), [(6, 1, 6), (3, 2, 6), (2, 4, 6), (1, 6, 6), (3, 2, 5)])
def test_pieces_give_the_gradient_of_the_whole(kit, room, pieces, size):
    batches, net = batches_of(kit, 2, size), kit.net()
    whole = Gradient(net, nn.CrossEntropyLoss(), torch.Tensor.backward).of(batches)
    expected = gradients(net)
    net.zero_grad()
    cramped = Gradient(Cramped(net, room), nn.CrossEntropyLoss(), torch.Tensor.backward)
    assert cramped.of(batches) == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(gradients(net), expected, rtol=1e-4, atol=1e-6)
    assert cramped.pieces == pieces


@pytest.mark.parametrize("count", [1, 3])
def test_the_batches_of_a_step_count_as_one_large_batch(kit, count):
    batches, net = batches_of(kit, count, 4), kit.net()
    told = Gradient(net, nn.CrossEntropyLoss(), torch.Tensor.backward).of(batches)
    summed = gradients(net)
    net.zero_grad()
    images, labels = torch.cat([b.image_bcx for b in batches]), torch.cat([b.label_bx for b in batches])
    whole = nn.functional.cross_entropy(net(images), labels)
    whole.backward()
    assert told == pytest.approx(whole.item(), rel=1e-5)
    torch.testing.assert_close(summed, gradients(net), rtol=1e-4, atol=1e-6)


def test_what_was_added_before_the_memory_ran_out_does_not_count(kit):
    first, second = batches_of(kit, 2, 6)
    small = type(first)(first.image_bcx[:2], first.label_bx[:2])
    net = kit.net()
    Gradient(net, nn.CrossEntropyLoss(), torch.Tensor.backward).of([small, second])
    expected = gradients(net)
    net.zero_grad()
    Gradient(Cramped(net, 3), nn.CrossEntropyLoss(), torch.Tensor.backward).of([small, second])
    torch.testing.assert_close(gradients(net), expected, rtol=1e-4, atol=1e-6)


def test_what_did_not_fit_once_is_not_tried_again(kit, caplog):
    net = Cramped(kit.net(), 1)
    gradient = Gradient(net, nn.CrossEntropyLoss(), torch.Tensor.backward)
    for batch in batches_of(kit, 3, 2):
        gradient.of([batch])
    assert net.seen == [2, 1, 1, 1, 1, 1, 1]
    assert caplog.text.count("ran out of memory") == 1


def test_a_patch_that_does_not_fit_alone_is_told(kit):
    gradient = Gradient(Cramped(kit.net(), 0), nn.CrossEntropyLoss(), torch.Tensor.backward)
    with pytest.raises(BudgetError, match=r"single patch \(CUDA out of memory. Tried to allocate 2.00 GiB\)"):
        gradient.of(batches_of(kit, 1, 4))


def test_training_goes_on_in_pieces(kit, tmp_path):
    outcome = fit(kit.job(tmp_path / "a", net=Cramped(kit.net(), 1), steps=20))
    assert outcome.complete and outcome.state.step == 20
    whole = fit(kit.job(tmp_path / "b", net=Cramped(kit.net(), 2), steps=20))
    assert outcome.state.best_score == pytest.approx(whole.state.best_score, abs=0.02)
