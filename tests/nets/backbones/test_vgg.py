from __future__ import annotations

import pytest
import torch

from delineate.nets import count_parameters
from delineate.nets.backbone import build_backbone

CLASSIFIER = 25088 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000


@pytest.mark.parametrize(("name", "params"), [("vgg16", 138_357_544), ("vgg16_bn", 138_365_992)])
def test_parameters_equal_torchvision_without_its_classifier(name, params):
    with torch.device("meta"):
        assert count_parameters(build_backbone(name, 2, 3)) + CLASSIFIER == params


def test_names_are_torchvisions():
    with torch.device("meta"):
        plain, norm = (build_backbone(n, 2, 3).state_dict() for n in ("vgg16", "vgg16_bn"))
    indices = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
    assert list(plain) == [f"features.{i}.{n}" for i in indices for n in ("weight", "bias")]
    convs = [k for k, t in norm.items() if t.ndim == 4]
    assert convs == [f"features.{i}.weight" for i in (0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40)]


def test_poolings_that_do_not_stride_dilate_what_follows():
    with torch.device("meta"):
        net = build_backbone("vgg16", 2, 1, 8)
    assert [net.features[i].dilation[0] for i in (21, 24, 28)] == [1, 2, 2] and net.strides == (2, 4, 8, 8, 8)
