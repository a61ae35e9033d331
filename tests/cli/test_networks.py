from __future__ import annotations

import json

import pytest
from safetensors.torch import save_file

from delineate.nets import build_net


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


@pytest.mark.parametrize("flags", [("--dims", 4), ("--dims", 2, "--patch", "8x8x8"), ("--dims", 3, "--patch", "8x8")])
def test_dims_that_cannot_be_are_refused(cli, flags):
    status, _, err = cli("nets", *flags)
    assert status == 1 and "dims" in err and "bug" not in err
    status, _, err = cli("nets", "show", "plain_unet", *flags)
    assert status == 1 and "dims" in err and "bug" not in err
