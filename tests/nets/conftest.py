from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def full() -> dict[str, Any]:
    """Every option of a U-shaped network, as JSON gives them."""
    return {
        "widths": (4, 6, 8),
        "strides": [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
        "kernels": [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
        "blocks": [1, 2, 1],
        "decoder_blocks": [1, 1],
    }
