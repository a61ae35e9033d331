from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import save_file

from delineate.nets import build_net
from delineate.nets.backbone import build_backbone


def test_nets_are_listed(cli):
    status, out, _ = cli("nets", "--no-cost")
    assert status == 0 and "resenc_unet" in out and "weights" not in out
    status, out, _ = cli("nets", "--no-cost", "--dims", "3", "--json")
    assert status == 0 and all(3 in row["dims"] for row in json.loads(out))


def test_one_is_shown(cli, tmp_path):
    status, out, _ = cli("nets", "show", "plain_unet", "--patch", "32x32", "-o", tmp_path / "net.svg")
    assert status == 0 and "nnU-Net" in out and "1 x 32 x 32" in out and (tmp_path / "net.svg").exists()
    status, out, _ = cli("nets", "show", "plain_unet", "--patch", "32x32", "--json")
    assert status == 0 and json.loads(out)["diagram"]["nodes"]


@pytest.mark.parametrize("patch", ["32", "0x8", "axb", "8x8x8x8"])
def test_a_patch_that_is_no_size_is_refused(cli, patch):
    status, _, err = cli("nets", "show", "plain_unet", "--patch", patch)
    assert status == 1 and "is not a size" in err


def test_weights_are_tried(cli, tmp_path):
    net = build_net("plain_unet", 2, 3, 2)
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    status, out, _ = cli("nets", "load-check", "plain_unet", tmp_path / "net.safetensors")
    assert status == 0 and f"{len(net.state_dict())} tensors fit" in out
    status, out, _ = cli("nets", "load-check", "resenc_unet", tmp_path / "net.safetensors", "--json")
    assert status == 1 and not json.loads(out)["complete"]
    status, _, err = cli("nets", "load-check", "plain_unet", tmp_path / "missing.pth")
    assert status == 1 and "there is no file" in err


@pytest.mark.parametrize(
    ("file", "net", "told"),
    [
        ("resnet34", "resnet18", "another depth: 3 of layer1 for 2"),
        ("resnet50", "resnet18", "another kind of block: bottlenecks"),
        ("res2net50", "resnet50", "another shortcut: layer1.0.downsample.2.bias in the file"),
    ],
)
def test_weights_of_another_network_are_told_as_such(cli, tmp_path, file, net, told):
    tensors = build_backbone(file, 2, 3).state_dict()
    torch.save({**tensors, "fc.weight": torch.zeros(9, 16), "fc.bias": torch.zeros(9)}, tmp_path / "published.pth")
    status, out, err = cli("nets", "load-check", net, tmp_path / "published.pth")
    assert status == 1 and "Traceback" not in err
    assert any(line.startswith(f"not of this network: {told}") for line in out.splitlines()[:5]), out[:500]
    status, out, _ = cli("nets", "load-check", file, tmp_path / "published.pth")
    assert status == 0 and "not needed: fc.weight, fc.bias" in out and "not of this network" not in out


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["show", "danett"], "did you mean 'danet'?"),
        (["show", "psanet", "--dims", "3"], "the network 'psanet' in 3D"),
        (["show", "unet", "--dims", "4"], "4 dimensions"),
        (["show", "unet", "--classes", "0"], "0 output channels"),
        (["show", "unet", "--channels", "0"], "0 input"),
        (["show", "unet", "--dims", "3", "--patch", "32x32"], "patch of 32x32 in 3D"),
        (["--classes", "0"], "0 output channels"),
        (["--dims", "5", "--no-cost"], "5 dimensions"),
        (["--dims", "2", "--patch", "8x8x8"], "patch of 8x8x8 in 2D"),
        (["load-check", "unet", "FILE", "--classes", "0"], "0 output channels"),
        (["load-check", "resnet50", "FILE", "--channels", "0"], "0 input channels"),
        (["load-check", "resnett50", "FILE"], "did you mean 'resnet50'?"),
        (["load-check", "psanet", "FILE", "--dims", "3"], "the network 'psanet' in 3D"),
        (["load-check", "resnet50", "FILE", "--dims", "4"], "4 dimensions"),
    ],
)
def test_what_there_cannot_be_is_refused(cli, tmp_path, asked, told):
    save_file({"conv1.weight": torch.zeros(1)}, tmp_path / "w.safetensors")
    status, _, err = cli("nets", *(str(tmp_path / "w.safetensors") if word == "FILE" else word for word in asked))
    assert status == 1 and "Traceback" not in err and told in err, err
    assert "expected:" in err or "to do:" in err
