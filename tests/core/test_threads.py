from __future__ import annotations

import os
import subprocess
import sys

import pytest

from delineate.core.threads import wait_asleep


def test_a_persons_own_setting_wins(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    wait_asleep()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
    monkeypatch.delenv("OMP_WAIT_POLICY")
    wait_asleep()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the runtime that torch brings differs")
def test_the_command_line_sets_it_before_torch_is_loaded():
    """The runtime tells its settings when it is loaded."""
    code = "import sys; sys.argv = ['delineate', 'env', '--json']; from delineate.cli import main; main()"
    environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"} | {"OMP_DISPLAY_ENV": "VERBOSE"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "GOMP_SPINCOUNT = '0'" in done.stderr
