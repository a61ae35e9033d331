from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.train import device
from delineate.train.device import choose_device, choose_precision, make_fabric, time_step


@pytest.fixture
def bare(monkeypatch):
    """A machine without accelerators."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_the_processor_is_the_last_resort(bare):
    assert choose_device("auto") == choose_device("cpu") == torch.device("cpu")


def test_a_gpu_is_taken_where_there_is_one(bare, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cpu").type == "cpu"


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_an_error(bare, wanted):
    with pytest.raises(UsageError, match=f"--device {wanted}"):
        choose_device(wanted)


@pytest.mark.parametrize(("bf16_s", "chosen"), [(1.0, "bf16"), (1.95, "bf16"), (2.1, "fp32"), (3.0, "fp32")])
def test_the_faster_precision_is_taken(monkeypatch, bf16_s, chosen):
    monkeypatch.setattr(device, "cpu_has_bf16", lambda: True)
    assert choose_precision("auto", torch.device("cpu"), {"bf16": bf16_s, "fp32": 2.0}.__getitem__) == chosen


def test_a_busy_moment_does_not_settle_the_precision(monkeypatch):
    """Other programs slow bfloat16 down at the first two looks; float32 is no faster at its best."""
    monkeypatch.setattr(device, "cpu_has_bf16", lambda: True)
    times = {"bf16": iter([9.0, 5.0, 1.0]), "fp32": iter([2.0, 2.0, 2.0])}
    assert choose_precision("auto", torch.device("cpu"), lambda p: next(times[p])) == "bf16"
    assert [list(left) for left in times.values()] == [[], []]


def test_nothing_is_timed_where_there_is_no_choice(monkeypatch):
    def never(precision):
        raise AssertionError

    monkeypatch.setattr(device, "cpu_has_bf16", lambda: False)
    assert choose_precision("auto", torch.device("cpu"), never) == "fp32"
    assert choose_precision("bf16", torch.device("cpu"), never) == "bf16"
    assert isinstance(device.cpu_has_bf16(), bool)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_timing_a_step_leaves_the_network_as_it_was(kit, precision):
    net = kit.net()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    label = torch.zeros(2, 6, 6, dtype=torch.long)
    fabric = make_fabric(torch.device("cpu"), precision)
    assert 0 < time_step(fabric, net, nn.CrossEntropyLoss(), torch.randn(2, 1, 6, 6), label) < 5
    assert all(torch.equal(before[k], v) for k, v in net.state_dict().items())
    assert all(p.grad is None for p in net.parameters())
