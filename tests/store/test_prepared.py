from __future__ import annotations

import numpy as np

from delineate.store.prepared import widen


def test_every_finite_half_widens_exactly():
    half = np.arange(2**16, dtype=np.uint16).view(np.float16)
    half = half[np.isfinite(half)].reshape(2, -1, 32)
    for turned in (half, half[:, ::3], half.transpose(2, 0, 1)):
        out = np.full(turned.shape, np.nan, np.float32)
        widen(turned, out)
        np.testing.assert_array_equal(out.view(np.int32), turned.astype(np.float32).view(np.int32))
