"""What `quarterdeck run` prints of what came back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import click
import pytest

from console.fanout.fanout import Fanout
from console.fanout.headless import _Work
from console.fanout.wanted import Wanted
from providers.model import Ref, Target
from providers.stream import Order, Ran


def test_half_a_million_lines_are_printed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[str] = []
    monkeypatch.setattr(click, "echo", lambda text, **_: printed.append(text))
    target = Target(ref=Ref("ssh", "host", "web"), label="host web", name="web")
    order = Order(targets=(target,), command="yes")
    wanted = Wanted(action="run", query="web", kinds=("host",), order=order)
    work = _Work(cast(Any, SimpleNamespace(send=None)), cast(Any, None), wanted)
    work.fanout = Fanout("run", order, 0.0)
    work.fanout.take(Ran(id=1, ref=target.ref, exit_status=0, stdout=b"y\n" * 500_000))
    work._print()
    assert len(printed) == 1, "each further call of click's costs 20 µs"
    assert printed[0].startswith("● web · 1 host · exit status 0\n  y\n  y\n")
    assert printed[0].count("\n") == 500_000
