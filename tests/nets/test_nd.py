from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from delineate.core.errors import UsageError
from delineate.nets.nd import AveragePool, check_dims, conv, conv_up, crop_to, pad_to_multiple


@pytest.mark.parametrize("stride", [(2, 2), (1, 2), (2, 2, 2), (1, 2, 2), (2, 1, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_average_pool_is_the_mean_and_so_is_its_gradient(stride, dtype):
    torch.manual_seed(0)
    size = (4, 6, 8)[-len(stride) :]
    x = torch.randn(2, 3, *size).to(dtype).requires_grad_()
    exact = x.detach().double().requires_grad_()
    pool = F.avg_pool2d if len(stride) == 2 else F.avg_pool3d
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
        y = AveragePool(stride)(x)
    reference = pool(exact, stride)
    push = torch.randn(reference.shape)
    y.backward(push.to(dtype))
    reference.backward(push.to(dtype).double())
    assert y.dtype == dtype
    torch.testing.assert_close(y.double(), reference, rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(x.grad.double(), exact.grad, rtol=1e-2, atol=1e-2)


def test_convolutions_keep_or_divide_or_multiply_the_size():
    x = torch.zeros(1, 2, 4, 8, 6)
    assert conv(2, 3, (1, 3, 5), (1, 2, 2), bias=False)(x).shape == (1, 3, 4, 4, 3)
    assert conv_up(2, 3, (1, 2, 2))(x).shape == (1, 3, 4, 16, 12)
    assert conv_up(2, 3, (2, 1))(x[:, :, 0]).shape == (1, 3, 16, 6)


def test_padding_is_undone_by_cropping():
    x = torch.randn(1, 2, 5, 8, 7)
    padded = pad_to_multiple(x, (4, 4, 2))
    assert padded.shape == (1, 2, 8, 8, 8)
    assert padded[:, :, 5:].eq(0).all() and padded[..., 7:].eq(0).all()
    assert torch.equal(crop_to(padded, (5, 8, 7)), x)
    assert pad_to_multiple(x, (5, 2, 7)) is x


def test_four_dimensions_are_refused():
    with pytest.raises(UsageError, match="2 or 3"):
        check_dims(4)
