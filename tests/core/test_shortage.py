from __future__ import annotations

import errno

import pytest

from delineate.core.shortage import shortage


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 9.00 GiB"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4096 bytes."),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB\nand more"),
        RuntimeError("Exception thrown in SimpleITK:\nFailed to allocate memory for image."),
    ],
)
def test_what_means_that_the_memory_ran_out(error: BaseException) -> None:
    told = shortage(error)
    assert told is not None and told.code == "E310" and told.what.startswith("the memory ran out")
    assert "\n" not in told.what and told.expected and "--memory" in told.fix


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left"), ValueError("out of memory"), RuntimeError("a size of 3 for 4")]
)
def test_what_means_something_else(error: BaseException) -> None:
    assert shortage(error) is None


def test_what_torch_says() -> None:
    import torch

    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert shortage(caught.value) is not None
