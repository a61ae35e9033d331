"""`as_named_here`: the tensors of a published file under the names that networks have here."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch

_HUGGING_FACE = (
    # the files of transformers 4 and of its hub, then what its own modules are called since version 5
    (r"^(segformer\.)?encoder\.patch_embeddings\.(\d+)\.", r"backbone.patch_embed{\2}."),
    (r"^(segformer\.)?encoder\.block\.(\d+)\.", r"backbone.block{\2}."),
    (r"^(segformer\.)?encoder\.layer_norm\.(\d+)\.", r"backbone.norm{\2}."),
    (r"^(segformer\.)?stages\.(\d+)\.patch_embeddings\.", r"backbone.patch_embed{\2}."),
    (r"^(segformer\.)?stages\.(\d+)\.blocks\.", r"backbone.block{\2}."),
    (r"^(segformer\.)?stages\.(\d+)\.layer_norm\.", r"backbone.norm{\2}."),
    (r"^decode_head\.(?:linear_c|linear_projections)\.(\d+)\.", r"head.linear_c{\1}."),
    (r"^decode_head\.linear_fuse\.(weight|bias)$", r"head.linear_fuse.conv.\1"),
    (r"^decode_head\.batch_norm\.", "head.linear_fuse.bn."),
    (r"^decode_head\.classifier\.", "head.linear_pred."),
    (r"(patch_embed\{\d+\})\.layer_norm\.", r"\1.norm."),
    (r"\.(?:layer_norm_1|layernorm_before)\.", ".norm1."),
    (r"\.(?:layer_norm_2|layernorm_after)\.", ".norm2."),
    (r"\.attention\.(?:self\.query|q_proj)\.", ".attn.q."),
    (r"\.attention\.(?:self\.key|k_proj)\.", ".attn.key."),
    (r"\.attention\.(?:self\.value|v_proj)\.", ".attn.value."),
    (r"\.attention\.(?:output\.dense|o_proj)\.", ".attn.proj."),
    (r"\.attention\.(?:self\.sr|sequence_reduction\.sequence_reduction)\.", ".attn.sr."),
    (r"\.attention\.(?:self|sequence_reduction)\.layer_norm\.", ".attn.norm."),
    (r"\.mlp\.dense(\d)\.", r".mlp.fc\1."),
)
"""SegFormer in Hugging Face's transformers; a number in braces counts from 0 there and from 1 here."""

_DOTTED = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(?=[12]\.)")
"""With a dot that torch no longer allows in names; torchvision takes it out of its files of DenseNets on reading."""


def as_named_here(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """``tensors``, those of a SegFormer saved by others under the names its authors gave them, those of a DenseNet
    under the names its layers have in torchvision today.

    Understood are the files of SegFormer's authors, whose head is called ``decode_head``, and those of Hugging Face's
    transformers, which keeps keys and values apart. All else stays as it is.
    """
    tensors = {_DOTTED.sub(r"\1", key): tensor for key, tensor in tensors.items()}
    if any(
        re.match(r"(segformer\.)?(encoder\.patch_embeddings|stages\.0\.patch_embeddings)\.", key) for key in tensors
    ):
        return _joined({_authors_name(key): tensor for key, tensor in tensors.items()})
    if any(key.startswith("decode_head.linear_c1.") for key in tensors):
        return {re.sub(r"^decode_head\.", "head.", key): tensor for key, tensor in tensors.items()}
    return tensors


def _authors_name(key: str) -> str:
    for pattern, name in _HUGGING_FACE:
        key = re.sub(pattern, name, key)
    return re.sub(r"\{(\d+)\}", lambda found: str(int(found[1]) + 1), key)


def _joined(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Keys and values as the one layer they are in the authors' network."""
    out = {}
    for name, tensor in tensors.items():
        other = name.replace(".attn.key.", ".attn.value.")
        if other != name and other in tensors:
            out[name.replace(".attn.key.", ".attn.kv.")] = torch.cat((tensor, tensors[other]))
        elif name.replace(".attn.value.", ".attn.key.") not in tensors or ".attn.value." not in name:
            out[name] = tensor
    return out
