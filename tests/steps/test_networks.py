from __future__ import annotations

import pytest
import torch

from delineate import steps
from delineate.core.errors import RunError, UnknownNameError, UsageError
from delineate.core.labels import Labels
from delineate.core.run import RunFolder
from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.backbone import build_backbone
from delineate.plan.plan import NetPlan, Normaliser, Plan, Stage
from delineate.show.nettable import cited


def test_networks_are_listed_without_being_built(monkeypatch):
    monkeypatch.setattr("delineate.nets.pricing.build_net", None)  # first: loaded now, it must find what is there
    monkeypatch.setattr("delineate.nets.net.build_net", None)
    rows = steps.nets(3)
    assert {r.name for r in rows} == {n for n in NETS if 3 in NETS[n].card.dims}
    assert all(r.parameters and r.multiply_adds and r.memory_bytes and r.year > 1990 for r in rows)
    assert all(r.parameters is None for r in steps.nets(3, cost=False))


def test_every_network_cites_its_paper_and_tells_what_differs():
    for row in steps.nets(2, cost=False):
        assert cited(row).endswith(f"{row.year}") or ";" in row.paper, row.paper
        assert len(cited(row)) < 64 and row.differs and row.verified and row.about
        assert row.flat_only if row.dims == (2,) else not row.flat_only


def test_a_network_is_priced_and_timed():
    (row,) = steps.nets(2, patch=(32, 32), channels=3, classes=4, measure=True, only=["plain_unet"])
    assert row.parameters == count_parameters(build_net("plain_unet", 2, 3, 4))
    assert row.multiply_adds and row.memory_bytes > 16 * row.parameters and row.step_s > 0
    (larger,) = steps.nets(2, patch=(64, 64), channels=3, classes=4, only=["plain_unet"])
    assert larger.multiply_adds == 4 * row.multiply_adds and larger.step_s is None


def test_networks_are_priced_at_what_a_plan_looks_at(tmp_path):
    own = {"widths": [4, 8], "strides": [[1, 1], [2, 2]], "kernels": [[3, 3], [3, 3]], "blocks": 1, "decoder_blocks": 1}
    stage = Stage(
        name="full", spacing_mm=(1, 1, 1), patch=(24, 40), batch=2, net=NetPlan(name="plain_unet", options=own)
    )
    Plan(
        dims=2, axes=(0, 1, 2), channels=("T1", "T2"), labels=Labels.exclusive({1: "a", 2: "b"}), slices=3,
        normalisers=2 * (Normaliser(name="zscore"),), stages=(stage,), mirror_axes=(), anisotropic=False, crop="none",
        memory_bytes=2**30,
    ).save(RunFolder(tmp_path).plan)  # fmt: skip
    with pytest.raises(RunError, match="no run"):
        steps.nets(run=tmp_path)
    RunFolder(tmp_path).config.touch()

    def numbers(row):
        return row.parameters, row.multiply_adds, row.memory_bytes

    theirs, mine = steps.nets(run=tmp_path, only=["enet", "plain_unet"])
    (enet,) = steps.nets(2, patch=(24, 40), channels=6, classes=3, only=["enet"])
    assert numbers(theirs) == numbers(enet)
    assert mine.parameters == count_parameters(build_net("plain_unet", 2, 6, 3, own)) and mine.options["blocks"] == 1
    (other,) = steps.nets(run=tmp_path, patch=(32, 32), channels=1, only=["enet"])
    assert numbers(other) == numbers(*steps.nets(2, patch=(32, 32), channels=1, classes=3, only=["enet"]))
    (solid,) = steps.nets(3, run=tmp_path, only=["enet"])
    assert numbers(solid) == numbers(*steps.nets(3, channels=6, classes=3, only=["enet"]))


def test_what_a_network_cannot_take_is_told_in_its_row():
    (row,) = steps.nets(2, patch=(1280, 1280), measure=True, only=["danet"])
    assert "25600 to 25600 voxels" in row.refused and row.parameters is None and row.step_s is None


def test_what_there_is_no_room_for_is_not_timed(monkeypatch):
    monkeypatch.setattr("delineate.core.memory.available_bytes", lambda: 2**20)
    monkeypatch.setattr("delineate.train.device.time_step", None)
    monkeypatch.setattr("delineate.train.device.choose_device", lambda wanted: torch.device("cpu"))
    for cost in (True, False):
        (row,) = steps.nets(2, measure=True, cost=cost, only=["plain_unet"])
        assert "1 MiB is free: not timed" in row.refused and row.step_s is None and bool(row.parameters) == cost


def test_a_network_is_drawn(tmp_path):
    row, diagram, text = steps.draw_net("plain_unet", 3, patch=(16, 16, 16), out=tmp_path / "net.svg")
    assert row.name == "plain_unet" and len(diagram.nodes) > 6
    assert "16 x 16 x 16" in text and (tmp_path / "net.svg").read_text().startswith("<svg")


def test_the_card_of_a_drawn_network_has_its_options():
    row, _, _ = steps.draw_net("unet", 2, options={"widths": (4, 8)})
    assert row.options["widths"] == (4, 8) and row.options["bilinear"] is False
    assert row.parameters == count_parameters(build_net("unet", 2, 1, 2, {"widths": (4, 8)}))


def test_what_there_is_not_is_told():
    with pytest.raises(UnknownNameError, match="plain_unet"):
        steps.draw_net("plain_unett")
    with pytest.raises(UsageError, match="4 dimensions"):
        steps.draw_net("plain_unet", 4)
    with pytest.raises(UsageError, match="4 dimensions"):
        steps.nets(4)
    with pytest.raises(UsageError, match="8x8 in 3D"):
        steps.nets(3, patch=(8, 8))
    with pytest.raises(UsageError, match="0 output"):
        steps.nets(2, classes=0)


def test_a_published_file_is_compared_with_a_network_or_a_backbone(tmp_path):
    torch.manual_seed(0)
    weights = {f"module.{k}": v for k, v in build_backbone("resnet18", 2, 3).state_dict().items()}
    weights["module.fc.weight"] = torch.zeros(5, 512)
    torch.save({"state_dict": weights}, tmp_path / "published.pth")
    report = steps.check_net_weights("resnet18", tmp_path / "published.pth", channels=3)
    assert not report.missing and not report.differing and report.unneeded == ("module.fc.weight",)
    assert report.complete
    grey = steps.check_net_weights("resnet18", tmp_path / "published.pth", channels=1)
    assert list(grey.differing) == ["conv1.weight"]
    assert steps.check_net_weights("resnet18", tmp_path / "published.pth", channels=1, adapt="sum").adapted
    other = steps.check_net_weights("plain_unet", tmp_path / "published.pth", channels=3)
    assert not other.loaded and other.missing
    wide = steps.check_net_weights("resnet18", tmp_path / "published.pth", channels=3, options={"width": 32})
    assert any("another width" in told for told in wide.suspicions)
