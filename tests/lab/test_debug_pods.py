"""However the console ends, the debug pod that it made is deleted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .cluster import Lab
from .person import Person
from .test_sessions import leftovers

NODE = "ip-10-12-0-3"


def _hang_up(me: Person) -> None:
    """The terminal's window is closed."""
    os.close(me.master)
    me.master = os.open(os.devnull, os.O_RDWR)


def _signalled(number: int) -> Callable[[Person], None]:
    return lambda me: me.process.send_signal(number)


ENDS = {
    "told to stop": _signalled(signal.SIGTERM),
    "hung up on": _hang_up,
    "killed": _signalled(signal.SIGKILL),
    "engine told to stop": lambda me: me.engine().terminate(),
}


@pytest.mark.parametrize("how", ENDS)
def test_no_debug_pod_outlives_its_console(lab: Lab, tmp_path: Path, how: str) -> None:
    for turn in range(int(os.environ.get("QUARTERDECK_TURNS", "1"))):
        home = tmp_path / str(turn)
        home.mkdir()
        with Person(home, "--kubeconfig", str(lab.kubeconfig(user="admin")), "--context", "lab") as me:
            me.open()
            me.nodes(NODE)
            me.until(lambda: me.under("Nodes") == NODE)
            me.command("shell debug")
            me.see("A shell on node", "to be confirmed")
            me.send("\r")
            me.see_not("A shell on node")
            me.send(f"{NODE}\r")
            me.until(lambda: len(leftovers(lab)) == 1)
            me.see("# ")
            ENDS[how](me)
            lab.wait("the debug pod is gone", lambda: leftovers(lab) == [], seconds=4)
