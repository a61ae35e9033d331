from __future__ import annotations

import os
import subprocess
import sys

import pytest

from delineate.core.threads import spin_briefly


def test_a_persons_own_settings_win(monkeypatch):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    spin_briefly()
    assert "GOMP_SPINCOUNT" not in os.environ
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    spin_briefly()
    assert os.environ["GOMP_SPINCOUNT"] == "7"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the runtime that torch brings differs")
def test_the_command_line_sets_it_before_torch_is_loaded():
    """The runtime tells its settings when it is loaded."""
    code = "import sys; sys.argv = ['delineate', 'env', '--json']; from delineate.cli import main; main()"
    kept = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    environment = {**kept, "OMP_DISPLAY_ENV": "VERBOSE"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "GOMP_SPINCOUNT = '10000'" in done.stderr
