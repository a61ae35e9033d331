"""What `delineate env` tells: versions, devices, cores, memory, and a GPU that is there but not used."""

from __future__ import annotations

import shutil
import subprocess

from delineate.core.memory import available_bytes
from delineate.core.record import Record
from delineate.core.threads import cpus

_FIX = "pip install --force-reinstall torch --index-url https://download.pytorch.org/whl/cu126"


class Machine(Record):
    """A machine as training sees it. ``idle_gpus`` are present but unusable by the torch that is installed."""

    cores: int
    memory_bytes: int
    torch: str
    device: str
    gpus: tuple[str, ...]
    idle_gpus: tuple[str, ...]
    bf16: bool
    fix: str


def look() -> Machine:
    """Look at this machine."""
    import torch

    from delineate.train.device import choose_device, cpu_has_bf16

    device = choose_device("auto")
    usable = torch.cuda.is_available()
    gpus = tuple(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())) if usable else ()
    idle = () if gpus else _driver_gpus()
    return Machine(
        cores=cpus(),
        memory_bytes=available_bytes(),
        torch=torch.__version__,
        device=device.type,
        gpus=gpus,
        idle_gpus=idle,
        bf16=torch.cuda.is_bf16_supported() if usable else cpu_has_bf16(),
        fix=_FIX if idle else "",
    )


def _driver_gpus() -> tuple[str, ...]:
    """What NVIDIA's own tool lists, whether torch can use it or not."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        listed = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in listed.stdout.splitlines() if line.strip())
