from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.config import TrainConfig
from delineate.nets.net import NetCard
from delineate.train.optim import (
    MovingAverage,
    at_rate_of,
    base_rate,
    build_optimizer,
    pack_optimizer,
    unpack_optimizer,
)


def net_of(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.InstanceNorm2d(3, affine=True), nn.Conv2d(3, 2, 1))


def work(net, optimizer, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        net(torch.randn((2, 1, 6, 6), generator=generator)).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()


@pytest.mark.parametrize(("name", "kind"), [("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)])
def test_the_optimizer_is_the_one_asked_for_and_spares_vectors_from_decay(name, kind):
    config = TrainConfig(optimizer=name, weight_decay=0.3)
    optimizer = build_optimizer(net_of(0), config)
    assert type(optimizer) is kind
    matrices, vectors = optimizer.param_groups
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)
    assert all(p.ndim > 1 for p in matrices["params"])
    assert all(p.ndim == 1 for p in vectors["params"])
    assert matrices["lr"] == base_rate(config)


def test_sgd_steps_as_nesterov_with_momentum_says():
    weight = nn.Linear(1, 1, bias=False)
    optimizer = build_optimizer(weight, TrainConfig(optimizer="sgd", learning_rate=0.1, weight_decay=0.01))
    wanted, speed = float(weight.weight.detach()), 0.0
    for slope in (1.0, -2.0, 0.5):
        weight.weight.grad = torch.full((1, 1), slope)
        optimizer.step()
        slope += 0.01 * wanted
        speed = 0.99 * speed + slope
        wanted -= 0.1 * (slope + 0.99 * speed)
        assert float(weight.weight.detach()) == pytest.approx(wanted, rel=1e-5)


def test_the_rate_asked_for_is_taken():
    config = TrainConfig(learning_rate=0.125)
    assert base_rate(config) == 0.125
    assert build_optimizer(net_of(0), config).param_groups[0]["lr"] == 0.125


@pytest.mark.parametrize("name", ["adamw", "sgd"])
def test_packed_and_unpacked_it_goes_on_bit_by_bit(name):
    config = TrainConfig(optimizer=name)
    net, other = net_of(0), net_of(1)
    optimizer = build_optimizer(net, config)
    work(net, optimizer, 3, seed=5)
    packed = {k: v.clone() for k, v in pack_optimizer(optimizer).items()}
    assert all(k.startswith("optimizer.") for k in packed)

    other.load_state_dict(net.state_dict())
    resumed = build_optimizer(other, config)
    unpack_optimizer(resumed, packed.items())
    again = pack_optimizer(resumed)
    assert packed.keys() == again.keys()
    assert all(torch.equal(packed[k], again[k]) and packed[k].dtype == again[k].dtype for k in packed)

    work(net, optimizer, 3, seed=6)
    work(other, resumed, 3, seed=6)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))


def test_a_fresh_optimizer_has_nothing_to_pack():
    optimizer = build_optimizer(net_of(0), TrainConfig())
    assert pack_optimizer(optimizer) == {}
    unpack_optimizer(optimizer, [])


def test_the_moving_average_is_the_formula():
    net = nn.Linear(1, 1, bias=False)
    average = MovingAverage(net, 0.9)
    wanted = float(net.weight.detach())
    for step in range(1, 120):
        with torch.no_grad():
            net.weight.fill_(step % 7)
        decay = min(0.9, (1 + step) / (10 + step))
        wanted = decay * wanted + (1 - decay) * (step % 7)
        average.update(net, step)
        assert float(average.weights["weight"]) == pytest.approx(wanted, rel=1e-5), "the first steps count as told, too"


def test_the_moving_average_is_apart_from_the_network_and_copies_counters():
    net = nn.BatchNorm2d(2)
    average = MovingAverage(net, 0.5)
    net(torch.randn(4, 2, 3, 3))
    assert int(average.weights["num_batches_tracked"]) == 0
    assert torch.equal(average.weights["running_mean"], torch.zeros(2))
    average.update(net, 1000)
    assert int(average.weights["num_batches_tracked"]) == 1
    assert torch.allclose(average.weights["running_mean"], net.running_mean / 2)


def test_the_moving_average_loads():
    average, other = MovingAverage(net_of(0), 0.9), MovingAverage(net_of(1), 0.9)
    other.load(average.weights)
    assert all(torch.equal(average.weights[k], other.weights[k]) for k in average.weights)
    with pytest.raises(KeyError):
        other.load({})


def test_the_rate_of_a_network_gives_way_to_a_persons_and_is_adamws():
    usual = NetCard(title="a", paper="2000")
    slow = usual.model_copy(update={"learning_rate": 1e-4})
    assert base_rate(at_rate_of(slow, TrainConfig())) == 1e-4
    assert base_rate(at_rate_of(slow, TrainConfig(learning_rate=3e-3))) == 3e-3
    for config in (TrainConfig(), TrainConfig(optimizer="sgd")):
        assert base_rate(at_rate_of(usual, config)) == base_rate(config)
    assert base_rate(at_rate_of(slow, TrainConfig(optimizer="sgd"))) == 1e-2
