from __future__ import annotations

import json
import pickle

import pytest
import torch
from safetensors import SafetensorError

from delineate.core.errors import CheckpointError, DiskFullError
from delineate.core.record import Record
from delineate.nets import checkpoint, load_checkpoint, save_checkpoint


class Card(Record):
    """What a test writes."""

    step: int
    names: tuple[str, ...] = ()


@pytest.fixture
def tensors():
    torch.manual_seed(0)
    shared = torch.randn(3, 4)
    return {
        "net.a": shared,
        "ema.a": shared,
        "net.turned": shared.T,
        "optim.step": torch.tensor(7.0),
        "rng": torch.get_rng_state(),
        "half": torch.randn(5).bfloat16(),
        "empty": torch.zeros(0, 3),
    }


@pytest.mark.parametrize("name", ["last", "last.safetensors", "last.json", "v1.2"])
def test_what_went_in_comes_out(tmp_path, tensors, name):
    written = save_checkpoint(tmp_path / "folds" / name, tensors, Card(step=3, names=("肝",)))
    loaded, card = load_checkpoint(tmp_path / "folds" / name)
    assert card == {"step": 3, "names": ["肝"]}
    assert set(loaded) == set(tensors)
    for key, tensor in tensors.items():
        assert loaded[key].dtype == tensor.dtype and torch.equal(loaded[key], tensor)
    stem = written.name.removesuffix(".safetensors")
    assert sorted(p.name for p in written.parent.iterdir()) == [f"{stem}.json", f"{stem}.safetensors"]


def test_later_replaces_earlier(tmp_path, tensors):
    for step in range(3):
        save_checkpoint(tmp_path / "last", {"a": torch.full((2,), float(step))}, {"step": step})
    loaded, card = load_checkpoint(tmp_path / "last")
    assert card == {"step": 2} and loaded["a"].eq(2).all()


@pytest.mark.parametrize("moment", ["tensors written", "card written"])
def test_killed_while_saving_leaves_one_whole_checkpoint(tmp_path, monkeypatch, moment):
    save_checkpoint(tmp_path / "last", {"a": torch.zeros(2)}, {"step": 0})
    with monkeypatch.context() as patched:
        if moment == "tensors written":
            patched.setattr(checkpoint, "write_text", killed)
        else:
            real = checkpoint.write_text
            patched.setattr(checkpoint, "write_text", lambda *a: (real(*a), killed()))
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(tmp_path / "last", {"a": torch.ones(2)}, {"step": 1})
    loaded, card = load_checkpoint(tmp_path / "last")
    assert card["step"] == (0 if moment == "tensors written" else 1)
    assert loaded["a"].eq(card["step"]).all()

    with monkeypatch.context() as patched:  # killed again, early: what was there must still be there
        patched.setattr(checkpoint, "write_text", killed)
        with pytest.raises(KeyboardInterrupt):
            save_checkpoint(tmp_path / "last", {"a": torch.full((2,), 2.0)}, {"step": 2})
    again, card_again = load_checkpoint(tmp_path / "last")
    assert card_again == card and torch.equal(again["a"], loaded["a"])

    save_checkpoint(tmp_path / "last", {"a": torch.full((2,), 3.0)}, {"step": 3})
    assert load_checkpoint(tmp_path / "last")[1] == {"step": 3}
    assert len(list(tmp_path.iterdir())) == 2


def killed(*_):
    raise KeyboardInterrupt


def test_files_of_two_checkpoints_are_told_apart(tmp_path):
    for name in ("one", "two"):
        save_checkpoint(tmp_path / name, {"a": torch.full((2,), float(len(name)))}, {})
        save_checkpoint(tmp_path / name, {"a": torch.randn(2)}, {})
    (tmp_path / "one.safetensors").replace(tmp_path / "two.safetensors")
    with pytest.raises(CheckpointError, match="does not belong"):
        load_checkpoint(tmp_path / "two")


def damage_cut(folder):
    data = (folder / "last.safetensors").read_bytes()
    (folder / "last.safetensors").write_bytes(data[:-3])


def damage_flip(folder):
    data = bytearray((folder / "last.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "last.safetensors").write_bytes(data)


def damage_card(folder):
    (folder / "last.json").write_text("{")


def foreign_card(folder):
    (folder / "last.json").write_text(json.dumps({"epochs": 3}))


def foreign_list(folder):
    (folder / "last.json").write_text("[1]")


def other_hash(value):
    def card_without_hash(folder):
        card = json.loads((folder / "last.json").read_text())
        card["tensors"] = value
        (folder / "last.json").write_text(json.dumps({k: v for k, v in card.items() if v is not None}))

    return card_without_hash


def deep_card(folder):
    (folder / "last.json").write_text("[" * 10**5)


def empty_card(folder):
    (folder / "last.json").write_text("{}")


def binary_card(folder):
    (folder / "last.json").write_bytes(b"\xff\xfe\x00")


def no_card(folder):
    (folder / "last.json").unlink()


def no_tensors(folder):
    (folder / "last.safetensors").unlink()


def foreign_tensors(folder):
    """A pickle, with a card that vouches for it."""
    (folder / "last.safetensors").write_bytes(pickle.dumps({"a": 1}))
    card = json.loads((folder / "last.json").read_text())
    card["tensors"] = checkpoint.hash_file(folder / "last.safetensors")
    (folder / "last.json").write_text(json.dumps(card))


DAMAGES = [
    damage_cut,
    damage_flip,
    damage_card,
    foreign_card,
    foreign_list,
    other_hash(None),
    other_hash(["0"]),
    deep_card,
    empty_card,
    binary_card,
    no_card,
    no_tensors,
    foreign_tensors,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_and_foreign_files_are_refused_by_name(tmp_path, damage):
    save_checkpoint(tmp_path / "last", {"a": torch.ones(8)}, {"step": 1})
    damage(tmp_path)
    with pytest.raises(CheckpointError, match="last"):
        load_checkpoint(tmp_path / "last")


def test_a_folder_is_not_a_checkpoint(tmp_path):
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path)


def test_a_full_disk_is_told_and_keeps_the_earlier_checkpoint(tmp_path, monkeypatch):
    save_checkpoint(tmp_path / "last", {"a": torch.zeros(2)}, {"step": 0})

    def full(*_):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(DiskFullError):
        save_checkpoint(tmp_path / "last", {"a": torch.ones(2)}, {"step": 1})
    loaded, card = load_checkpoint(tmp_path / "last")
    assert card == {"step": 0} and not loaded["a"].any()
    assert len(list(tmp_path.iterdir())) == 2
