from __future__ import annotations

import os
import stat

import pytest
import torch

from delineate.train import machine


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Puts a program named nvidia-smi that runs ``script`` first on the path."""

    def install(script: str) -> None:
        tool = tmp_path / "nvidia-smi"
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


def test_what_is_here():
    here = machine.look()
    assert here.cores >= 1 and here.memory_bytes > 2**20
    assert here.torch == torch.__version__
    assert here.device in ("cpu", "cuda", "mps")


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use the GPU that is here")
def test_a_gpu_that_torch_cannot_use_is_told_with_the_fix(driver):
    driver("echo 'NVIDIA Imaginary 1'")
    here = machine.look()
    assert here.gpus == () and here.idle_gpus == ("NVIDIA Imaginary 1",)
    assert "pip install" in here.fix and here.device != "cuda"


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch can use the GPU that is here")
def test_a_driver_that_fails_is_no_gpu(driver):
    driver("exit 9")
    here = machine.look()
    assert here.idle_gpus == () and here.fix == ""
