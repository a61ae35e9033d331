from __future__ import annotations

import pytest
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets.layers import Layers


def test_layers_are_torchs():
    assert issubclass(Layers(2).conv, nn.Conv2d) and issubclass(Layers(3).conv, nn.Conv3d)
    assert Layers(3).max_unpool is nn.MaxUnpool3d
    assert Layers(3).each(4) == (4, 4, 4) and Layers(3).along(1, 7) == (1, 7, 1)
    with pytest.raises(UsageError, match="1 dimensions"):
        Layers(1)
