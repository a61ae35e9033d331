"""``delineate env``."""

from __future__ import annotations

import json


def test_env(cli):
    status, out, _ = cli("env", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["machine"]["cores"] >= 1 and told["machine"]["memory_bytes"] > 0
    assert told["versions"]["torch"][0].isdigit()
    status, out, _ = cli("env")
    assert status == 0 and "cores" in out and "memory available" in out


def test_an_idle_gpu_is_told_loudly_with_the_command_that_helps(cli, monkeypatch):
    import torch

    from delineate.train import machine

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "_driver_gpus", lambda: ("NVIDIA Imaginary 1",))
    status, out, _ = cli("env")
    assert status == 0
    assert "THE CPU IS USED ALTHOUGH A GPU IS HERE (NVIDIA Imaginary 1)" in out
    assert "pip install --force-reinstall torch" in out
    assert json.loads(cli("env", "--json")[1])["machine"]["idle_gpus"] == ["NVIDIA Imaginary 1"]
