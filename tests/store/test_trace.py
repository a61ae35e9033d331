from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import GeometryError
from delineate.core.geometry import Geometry
from delineate.store.trace import Trace, shape_at


def test_a_trace_survives_json_and_describes_every_grid():
    trace = Trace(
        original=Geometry(shape=(4, 5, 6), spacing_mm=(3, 1, 2)),
        axes=(2, 0, 1),
        flips=(True, False, True),
        crop_start=(1, 0, 2),
        crop_shape=(4, 4, 3),
        prepared_shape=(8, 4, 3),
    )
    assert Trace.model_validate_json(trace.model_dump_json()) == trace
    assert trace.prepared.spacing_mm == (1.0, 3.0, 1.0) and trace.resamples
    array = np.arange(120).reshape(4, 5, 6)
    view = trace.view(array)
    assert view.shape == (4, 4, 3)
    index = np.rint(trace.original.to_index(trace.cropped.to_world([1, 2, 0]))).astype(int)
    assert view[1, 2, 0] == array[tuple(index)]
    with pytest.raises(GeometryError, match="belongs to this scan"):
        trace.view(array[:-1])


def test_shapes_cover_the_same_extent():
    assert shape_at((100, 100, 100), (1, 1, 1), (2, 1.005, 0.5)) == (50, 100, 200)
    assert shape_at((1, 3, 100), (5, 1, 1), (1, 9, 1)) == (1, 1, 100)
