from __future__ import annotations

import os
import signal
import time

import pytest

from delineate.train.stop import stop_asked


def test_signals_are_given_back():
    before = signal.getsignal(signal.SIGTERM)
    with stop_asked() as asked:
        assert not asked()
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
    assert signal.getsignal(signal.SIGTERM) is before
