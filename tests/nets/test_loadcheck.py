from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import build_net
from delineate.nets.backbone import build_backbone
from delineate.nets.loadcheck import LoadReport, adapt_channels, check_weights, fit_weights


def made(channels=1, dims=2):
    return build_backbone("resnet18", dims, channels, 32, {"width": 4})


def published(channels=1, prefix=""):
    """A file as others have them: with a classifier."""
    torch.manual_seed(3)
    tensors = {k: torch.randn_like(t) if t.is_floating_point() else t for k, t in made(channels).state_dict().items()}
    return {prefix + k: t for k, t in {**tensors, "fc.weight": torch.zeros(10, 32), "fc.bias": torch.zeros(10)}.items()}


@pytest.mark.parametrize("prefix", ["", "module.", "backbone.", "encoder.", "module.encoder."])
def test_prefixes_are_seen_through(prefix):
    report = check_weights(made(), published(prefix=prefix))
    assert report.loaded == tuple(made().state_dict()) and not report.missing and not report.differing
    assert report.unneeded == (prefix + "fc.weight", prefix + "fc.bias") and report.stripped == prefix
    assert report.complete and "not needed: " + prefix + "fc.weight" in str(report)


def test_what_is_of_neither_backbone_nor_classifier_is_unexpected():
    report = check_weights(
        made(), {**published(), "fc.conv.weight": torch.zeros(4, 4, 3, 3), "neck.bias": torch.zeros(3)}
    )
    assert report.unexpected == ("fc.weight", "fc.bias", "fc.conv.weight", "neck.bias") and not report.complete
    assert "unexpected: neck.bias" in str(report)


def test_a_backbones_file_goes_into_a_network():
    net = build_net("pspnet", 2, 1, 3, {"backbone": "resnet18", "backbone_options": {"width": 4}})
    report = fit_weights(net, published(prefix="module."))
    assert (report.stripped, report.added) == ("module.", "backbone.")
    assert report.missing and all(k.startswith(("head.", "side.")) for k in report.missing)
    assert torch.equal(net.backbone.layer4[1].conv2.weight, published()["layer4.1.conv2.weight"])


def test_a_backbone_deep_inside_a_network_is_found():
    net = build_net("gcn", 2, 1, 3, {"backbone": "resnet18", "backbone_options": {"width": 4}})
    report = fit_weights(net, published(prefix="model.module."))
    assert (report.stripped, report.added) == ("model.module.", "body.backbone.")
    assert report.missing and not any("backbone" in k for k in report.missing) and not report.unexpected
    assert torch.equal(net.body.backbone.layer1[0].conv1.weight, published()["layer1.0.conv1.weight"])


def test_a_prefix_ends_at_a_dot():
    report = check_weights(made(), published(prefix="my_encoder."))
    assert report.stripped == "" and not report.loaded


def test_counters_of_norms_are_not_missed_where_the_norm_is_there():
    old = {k: t for k, t in published().items() if "num_batches" not in k}  # as torchvision's files are
    assert check_weights(made(), old).complete
    del old["bn1.running_mean"]
    assert check_weights(made(), old).missing == ("bn1.running_mean", "bn1.num_batches_tracked")


def test_checking_copies_nothing():
    net = made()
    before = {k: t.clone() for k, t in net.state_dict().items()}
    check_weights(net, published())
    assert all(torch.equal(t, before[k]) for k, t in net.state_dict().items())


def test_its_own_weights_are_complete():
    net = made()
    report = fit_weights(net, net.state_dict())
    assert report.complete and LoadReport.model_validate_json(report.model_dump_json()) == report


def test_missing_and_differing_tensors_are_named():
    tensors = published()
    del tensors["layer2.0.bn1.weight"]
    tensors["layer3.0.conv1.weight"] = torch.zeros(2, 2, 3, 3)
    report = check_weights(made(), tensors)
    assert report.missing == ("layer2.0.bn1.weight",)
    assert report.differing == {"layer3.0.conv1.weight": "(2, 2, 3, 3) for (16, 8, 3, 3)"}
    assert "layer3.0.conv1.weight" not in report.loaded


def test_another_number_of_channels_is_told_and_adapted_if_asked():
    assert "channels" in check_weights(made(), published(3)).differing["conv1.weight"]
    report = fit_weights(made(), published(3), "sum")
    assert report.adapted == ("conv1.weight",) and not report.differing


@pytest.mark.parametrize("inputs", [1, 2, 5])
def test_a_sum_keeps_the_response_to_grey(inputs):
    weight, grey = torch.randn(4, 3, 7, 7), torch.randn(1, 1, 9, 9)
    adapted = adapt_channels(weight, inputs, "sum")
    wanted = torch.nn.functional.conv2d(grey.expand(-1, 3, -1, -1), weight)
    torch.testing.assert_close(torch.nn.functional.conv2d(grey.expand(-1, inputs, -1, -1), adapted), wanted)
    mean = adapt_channels(weight, inputs, "mean")
    torch.testing.assert_close(mean[:, -1], weight.mean(1))


def test_a_file_of_something_else_is_refused():
    with pytest.raises(UsageError, match="no tensor fits"):
        fit_weights(made(), {"blocks.0.attn.qkv.weight": torch.zeros(3)})
