from __future__ import annotations

import re

import pytest
import torch

from delineate.nets.backbone import build_backbone
from delineate.nets.loadcheck import fit_weights
from delineate.nets.net import build_net
from delineate.nets.renaming import as_named_here

SMALL = {"width": 16, "backbone_options": {"widths": (8, 8, 10, 16), "depths": (1, 1, 1, 1)}}

FOUR = [  # of transformers 4, as its documentation of the checkpoints lists them
    (r"^backbone\.patch_embed(\d)\.proj", r"segformer.encoder.patch_embeddings.<\1>.proj"),
    (r"^backbone\.patch_embed(\d)\.norm", r"segformer.encoder.patch_embeddings.<\1>.layer_norm"),
    (r"^backbone\.block(\d)\.", r"segformer.encoder.block.<\1>."),
    (r"^backbone\.norm(\d)\.", r"segformer.encoder.layer_norm.<\1>."),
    (r"\.norm([12])\.", r".layer_norm_\1."),
    (r"\.attn\.q\.", ".attention.self.query."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.sr\.", ".attention.self.sr."),
    (r"\.attn\.norm\.", ".attention.self.layer_norm."),
    (r"\.mlp\.fc(\d)\.", r".mlp.dense\1."),
    (r"^head\.linear_c(\d)\.", r"decode_head.linear_c.<\1>."),
    (r"^head\.linear_fuse\.conv\.", "decode_head.linear_fuse."),
    (r"^head\.linear_fuse\.bn\.", "decode_head.batch_norm."),
    (r"^head\.linear_pred\.", "decode_head.classifier."),
]
FIVE = [
    (r"encoder\.patch_embeddings\.(\d)\.", r"stages.\1.patch_embeddings."),
    (r"encoder\.block\.(\d)\.", r"stages.\1.blocks."),
    (r"encoder\.layer_norm\.(\d)\.", r"stages.\1.layer_norm."),
    (r"attention\.self\.(q|k|v)(uery|ey|alue)", r"attention.\1_proj"),
    (r"attention\.self\.sr", "attention.sequence_reduction.sequence_reduction"),
    (r"attention\.self\.layer_norm", "attention.sequence_reduction.layer_norm"),
    (r"attention\.output\.dense", "attention.o_proj"),
    (r"mlp\.dense", "mlp.fc"),
    (r"\.layer_norm_1\.", ".layernorm_before."),
    (r"\.layer_norm_2\.", ".layernorm_after."),
    (r"decode_head\.linear_c\.", "decode_head.linear_projections."),
]


def saved_elsewhere(net, tables):
    """The tensors of a SegFormer under the names of transformers."""
    out = {}
    for name, tensor in net.state_dict().items():
        for pattern, other in (row for table in tables for row in table):
            name = re.sub(r"<(\d)>", lambda d: str(int(d[1]) - 1), re.sub(pattern, other, name))
        if ".attn.kv." in name:
            words = (".attention.self.key.", ".attention.self.value.")
            for word, half in zip(words, tensor.chunk(2), strict=True):
                full = name.replace(".attn.kv.", word)
                for pattern, other in (row for table in tables[1:] for row in table):
                    full = re.sub(pattern, other, full)
                out[full] = half
        else:
            out[name] = tensor
    return out


@pytest.mark.parametrize("tables", [[FOUR], [FOUR, FIVE]], ids=["transformers 4", "transformers 5"])
def test_a_segformer_of_transformers(tables):
    torch.manual_seed(0)
    net, other = (build_net("segformer_b0", 2, 3, 4, SMALL).eval() for _ in range(2))
    file = saved_elsewhere(net, tables)
    assert not set(file) & {k for k in net.state_dict() if "attn" in k or "linear" in k}
    report = fit_weights(other, file)
    assert report.complete and len(report.loaded) == len(net.state_dict())
    x = torch.randn(1, 3, 33, 47)
    with torch.no_grad():
        assert torch.equal(net(x), other(x))


def test_a_whole_file_of_the_authors():
    net = build_net("segformer_b0", 2, 3, 4, SMALL)
    file = {re.sub(r"^head\.", "decode_head.", k): t for k, t in net.state_dict().items()}
    report = fit_weights(net, {**file, "decode_head.conv_seg.weight": torch.zeros(4, 128, 1, 1)})
    assert report.complete and report.unneeded == ("head.conv_seg.weight",)


def test_a_densenet_of_torchvision_has_dots_in_the_names_of_its_layers():
    net, other = (build_backbone("densenet121", 2, 3, 32, {"width": 8, "growth": 4}) for _ in range(2))
    file = {re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", k): t for k, t in net.state_dict().items()}
    assert "features.denseblock1.denselayer1.norm.1.weight" in file and "features.norm0.weight" in file
    report = fit_weights(other, {**file, "classifier.weight": torch.zeros(3, 5)})
    assert report.complete and len(report.loaded) == len(file)
    assert torch.equal(other.features.denseblock4[1].conv2.weight, net.features.denseblock4[1].conv2.weight)


def test_an_encoder_alone_has_no_prefix():
    net = build_net("segformer_b0", 2, 3, 4, SMALL)
    file = {k.removeprefix("segformer."): t for k, t in saved_elsewhere(net, [FOUR]).items() if "decode" not in k}
    report = fit_weights(net.backbone, {**file, "classifier.weight": torch.zeros(5, 16)})
    assert report.complete and report.unneeded == ("classifier.weight",)


def test_other_files_stay_as_they_are():
    file = {"layer1.0.attention.self.key.weight": torch.zeros(2), "encoder.norm1.weight": torch.zeros(3)}
    assert as_named_here(file) == file
