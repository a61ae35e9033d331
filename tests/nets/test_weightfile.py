from __future__ import annotations

import pathlib

import pytest
import torch
from safetensors.torch import save_file

from delineate.core.errors import CheckpointError
from delineate.nets.weightfile import read_weights

TENSORS = {"conv.weight": torch.randn(2, 1, 3, 3), "bn.running_mean": torch.zeros(2)}


@pytest.mark.parametrize("inside", [(), ("state_dict",), ("model", "state_dict")])
def test_tensors_are_found_wherever_they_are_put(tmp_path, inside):
    held = dict(TENSORS)
    for name in inside:
        held = {name: held, "epoch": 3}
    torch.save(held, tmp_path / "net.pth")
    found = read_weights(tmp_path / "net.pth")
    assert found.keys() == TENSORS.keys() and all(torch.equal(found[k], TENSORS[k]) for k in TENSORS)


def test_safetensors(tmp_path):
    save_file(TENSORS, tmp_path / "net.safetensors")
    assert read_weights(tmp_path / "net.safetensors").keys() == TENSORS.keys()


class Evil:
    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("evil"),)


def test_code_in_a_file_is_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": TENSORS, "more": Evil()}, "net.pth")
    with pytest.raises(CheckpointError, match="without running code"):
        read_weights(tmp_path / "net.pth")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(("name", "content"), [("a.pth", b"rubbish"), ("a.safetensors", b"rubbish"), ("a.pth", b"")])
def test_damaged_files_are_told(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_weights(tmp_path / name)


def test_a_file_without_tensors_or_none_is_told(tmp_path):
    torch.save({"epoch": 3}, tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match="no tensors by name"):
        read_weights(tmp_path / "a.pth")
    with pytest.raises(CheckpointError, match="there is no file"):
        read_weights(tmp_path / "b.pth")
