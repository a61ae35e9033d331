"""`read_weights`: the tensors of a file that somebody published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from delineate.core.errors import CheckpointError

_INNER = ("state_dict", "model_state_dict", "model", "net", "weights")
"""Where other programs put the tensors in a file with more in it."""


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name, of ``.safetensors`` or of torch's own files.

    Of the latter only tensors and plain containers are read (torch's ``weights_only``): no code in the file runs.

    Raises:
        CheckpointError: the file is not there, is neither, holds anything else, or holds no tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}", "a file of weights", "check the path")
    found = _safetensors(path) if path.suffix == ".safetensors" else _torch(path)
    while isinstance(found, Mapping) and (inner := next((k for k in _INNER if isinstance(found.get(k), Mapping)), "")):
        found = found[inner]
    tensors = {k: v for k, v in found.items() if isinstance(v, torch.Tensor)} if isinstance(found, Mapping) else {}
    if not tensors:
        raise CheckpointError(
            f"{path} holds no tensors by name", "a state dict, alone or under " + ", ".join(_INNER), "save one"
        )
    return tensors


def _safetensors(path: Path) -> Mapping[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}", "a safetensors file", "fetch it again") from error


def _torch(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can trip torch anywhere
        told = next(iter(str(error).splitlines()), type(error).__name__)
        raise CheckpointError(
            f"{path} cannot be read without running code in it, or is damaged: {told}",
            "a file of tensors saved by torch, or .safetensors",
            "save it anew with torch.save(model.state_dict(), ...), or convert it to safetensors where you trust it",
        ) from error
