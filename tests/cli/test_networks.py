from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from delineate import steps
from delineate.nets import build_net
from delineate.nets.backbone import build_backbone


def test_nets_are_listed(cli):
    status, out, _ = cli("nets", "--no-cost")
    assert status == 0 and "resenc_unet" in out and "weights" not in out
    assert "Ronneberger et al., MICCAI 2015" in out
    status, out, _ = cli("nets", "--no-cost", "--dims", "3", "--json")
    assert status == 0 and all(3 in row["dims"] for row in json.loads(out))


def test_what_is_asked_reaches_the_list(cli, monkeypatch):
    seen = []
    monkeypatch.setattr(steps, "nets", lambda *args, **options: seen.append((args, options)) or [])
    sight = ("--dims", "3", "--patch", "8x16x32", "--channels", "3", "--classes", "4", "--run", "runs/liver")
    assert cli("nets", *sight, "--measure", "--no-cost")[0] == 0
    ((dims,), options), told = seen[0], ("patch", "channels", "classes", "run", "measure", "cost")
    assert (dims, *(options[name] for name in told)) == (3, (8, 16, 32), 3, 4, Path("runs/liver"), True, False)
    assert cli("nets")[0] == 0
    ((dims,), options) = seen[1]
    assert (dims, *(options[name] for name in told)) == (None, None, None, None, None, False, True)


def test_one_is_shown(cli, tmp_path):
    status, out, _ = cli("nets", "show", "plain_unet", "--patch", "32x32", "-o", tmp_path / "net.svg")
    assert status == 0 and "nnU-Net" in out and "1 x 32 x 32" in out and (tmp_path / "net.svg").exists()
    status, out, _ = cli("nets", "show", "plain_unet", "--patch", "32x32", "--json")
    assert status == 0 and json.loads(out)["diagram"]["nodes"]


def test_one_is_shown_as_it_is_asked_for(cli):
    asked = ("nets", "show", "danet", "--patch", "32x32", "--json")
    small = ("--set", "backbone=res2net50", "--set", "backbone_options.width=8")
    (_, usual, _), (status, out, _) = cli(*asked), cli(*asked, *small)
    row = json.loads(out)
    assert status == 0 and row["options"]["backbone"] == "res2net50"
    assert 0 < row["parameters"] < json.loads(usual)["parameters"] / 4
    assert "voxels" in row["flat_only"] and row["differs"] and row["verified"]


def test_weights_are_tried_with_options(cli, tmp_path):
    """The files of MedicalNet with 18 and 34 layers have shortcuts without weights."""
    torch.save(build_backbone("resnet18", 3, 1, 32, {"skip": "pad"}).state_dict(), tmp_path / "w.pth")
    asked = ("nets", "load-check", "resnet18", tmp_path / "w.pth", "--dims", "3", "--channels", "1")
    status, out, _ = cli(*asked)
    assert status == 1 and "padded ones (skip='pad')?" in out
    status, out, _ = cli(*asked, "--set", "skip=pad")
    assert status == 0 and "missing" not in out
    net = ("nets", "load-check", "pspnet", tmp_path / "w.pth", "--dims", "3", "--channels", "1", "--json")
    status, out, _ = cli(*net, "--set", "backbone=resnet18", "--set", "backbone_options.skip=pad")
    missing = json.loads(out)["missing"]
    assert status == 1 and missing and not any(key.startswith("backbone.") for key in missing)


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
        (["show", "danet", "--patch", "8x8", "--set", "backbone=mit_b0"], "'mit_b0' with an output stride of 8"),
        (["show", "danet", "--patch", "8x8", "--set", "output_stride=4"], "an output stride of 4"),
        (["show", "unet", "--patch", "8x8", "--set", "backbone=resnet50"], "'unet' has no option 'backbone'"),
        (["show", "unet", "--patch", "8x8", "--set", "widths"], "is not a setting"),
        (["--classes", "0"], "0 output channels"),
        (["--dims", "5", "--no-cost"], "5 dimensions"),
        (["--dims", "2", "--patch", "8x8x8"], "patch of 8x8x8 in 2D"),
        (["load-check", "unet", "FILE", "--classes", "0"], "0 output channels"),
        (["load-check", "resnet50", "FILE", "--channels", "0"], "0 input channels"),
        (["load-check", "resnett50", "FILE"], "did you mean 'resnet50'?"),
        (["load-check", "psanet", "FILE", "--dims", "3"], "the network 'psanet' in 3D"),
        (["load-check", "resnet50", "FILE", "--dims", "4"], "4 dimensions"),
        (["load-check", "resnet50", "FILE", "--set", "skip=none"], "skip='none'"),
        (["load-check", "resnet50", "FILE", "--set", "width=wide"], "cannot be built with width='wide'"),
        (["load-check", "resnet50", "FILE", "--set", "width=-4"], "cannot be built with width=-4"),
        (["load-check", "resnet50", "FILE", "--set", "depth=9"], "'resnet50' has no option 'depth'"),
    ],
)
def test_what_there_cannot_be_is_refused(cli, tmp_path, asked, told):
    save_file({"conv1.weight": torch.zeros(1)}, tmp_path / "w.safetensors")
    status, _, err = cli("nets", *(str(tmp_path / "w.safetensors") if word == "FILE" else word for word in asked))
    assert status == 1 and "Traceback" not in err and told in err, err
    assert "expected:" in err or "to do:" in err
