from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.patches.sampler import SAMPLERS, require_cases


def test_the_registry_finds_its_folder():
    assert {"uniform", "foreground"} <= set(SAMPLERS)


def test_no_cases_is_told():
    with pytest.raises(UsageError, match="no case"):
        require_cases(())
