"""The real terminal lent to a session: keys are the program's, and every mode is given back."""

import os
import signal
import subprocess
import sys

import pytest

from console.shells.lent import keys_lent


def test_ctrl_c_is_the_lent_programs_alone() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with keys_lent():
        os.kill(os.getpid(), signal.SIGINT)
        child = subprocess.run(
            [sys.executable, "-c", "import signal; print(signal.getsignal(2))"],
            check=True,
            capture_output=True,
        )
    assert b"default_int_handler" in child.stdout
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
