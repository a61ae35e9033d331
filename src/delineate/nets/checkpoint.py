"""A checkpoint: tensors in a safetensors file, everything else in a JSON card of the same name beside it.

Nothing in either is ever executed. The card holds the hash of the tensor file, so a pair that does not belong together
(half copied, or written while the machine lost power) is refused instead of loaded.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from delineate.core.errors import CheckpointError
from delineate.core.files import atomic_path, hash_file, write_text
from delineate.core.record import Record, wrong_places

FORMAT = "delineate checkpoint 1"
Facts = TypeVar("Facts", bound=BaseModel)


def checkpoint_paths(path: Path) -> tuple[Path, Path]:
    """The tensor file and the card of a checkpoint, from either of them or their common name without suffix."""
    path = Path(path)
    stem = path.name.removesuffix(".safetensors").removesuffix(".json")
    return path.with_name(stem + ".safetensors"), path.with_name(stem + ".json")


def save_checkpoint(path: Path, tensors: Mapping[str, torch.Tensor], card: Record | Mapping[str, Any]) -> Path:
    """Write tensors and card; returns the tensor file's path.

    Killed at any moment, the checkpoint on the disk is the earlier one or this one, whole: the tensors wait under
    another name until the card that names their hash is written. Tensors of several owners share the file under
    prefixes of the caller (``net.``, ``ema.``, ``optim.``).

    Raises:
        DiskFullError: no space left; the earlier checkpoint stays.
    """
    tensor_path, card_path = checkpoint_paths(path)
    waiting = _waiting(tensor_path)
    _finish_interrupted(tensor_path)
    plain = card.model_dump(mode="json") if isinstance(card, Record) else dict(card)
    with atomic_path(waiting) as temporary:
        _save(tensors, temporary)
        content = hash_file(temporary)
    write_text(card_path, json.dumps({"format": FORMAT, "tensors": content, "card": plain}, indent=2) + "\n")
    waiting.replace(tensor_path)
    return tensor_path


def load_checkpoint(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """The tensors (on the CPU) and the card of a checkpoint.

    Raises:
        CheckpointError: a file is missing, damaged or of another program, or the two do not belong together.
    """
    tensor_path, card_path = checkpoint_paths(path)
    card = load_card(path)
    present = [p for p in (tensor_path, _waiting(tensor_path)) if p.is_file()]
    if not present:
        raise _refuse(tensor_path, "is missing")
    matching = [p for p in present if hash_file(p) == card["tensors"]]
    if not matching:
        raise _refuse(tensor_path, f"does not belong to the card {card_path.name}, or is damaged")
    try:
        return load_file(matching[0]), card["card"]
    except (SafetensorError, ValueError, KeyError) as error:
        raise _refuse(tensor_path, f"is not a safetensors file: {error}") from error


def load_card(path: Path) -> dict[str, Any]:
    """What stands in the card's file: ``format``, ``tensors`` (the hash) and ``card``.

    Raises:
        CheckpointError: it is missing, damaged or of another program.
    """
    card_path = checkpoint_paths(path)[1]
    try:
        data = json.loads(card_path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refuse(card_path, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _refuse(card_path, f"is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("card"), dict):
        raise _refuse(card_path, "is not the card of a checkpoint of this program")
    if not isinstance(data.get("tensors"), str):
        raise _refuse(card_path, "does not tell the hash of its tensors")
    return data


def facts_of(card: Mapping[str, Any], kind: type[Facts], path: Path) -> Facts:
    """What the ``card`` of the checkpoint at ``path`` says, as a record that leaves keys of others alone.

    Raises:
        CheckpointError: a key is missing or holds something else; all are named.
    """
    try:
        return kind.model_validate(card)
    except ValidationError as error:
        raise _refuse(checkpoint_paths(path)[1], f"does not tell what it must: {wrong_places(error)}") from error


def _waiting(tensor_path: Path) -> Path:
    return tensor_path.with_name(f".next-{tensor_path.name}")


def _finish_interrupted(tensor_path: Path) -> None:
    """Bring to its name what a killed save left waiting, if the card already speaks of it."""
    waiting = _waiting(tensor_path)
    if not waiting.is_file():
        return
    with suppress(CheckpointError):
        if load_card(tensor_path)["tensors"] == hash_file(waiting):
            waiting.replace(tensor_path)


def _save(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    # safetensors refuses memory shared between names and anything not contiguous
    separate = {k: t.detach().to("cpu", copy=True).contiguous() for k, t in tensors.items()}
    try:
        save_file(separate, path)
    except SafetensorError as error:
        if "No space left" in str(error) or "os error 28" in str(error):
            raise OSError(errno.ENOSPC, "No space left on device") from error
        raise


def _refuse(path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"{path} {why}",
        f"a .safetensors file with its .json card beside it, written by delineate ({FORMAT!r})",
        "give the run folder or the checkpoint delineate wrote; copy both files of a pair together",
    )
