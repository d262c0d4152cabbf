"""Garbage is looked for seldom, and what was loaded is left out of it, once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from console import cli, memory
from console.app import TICK_SECONDS, Quarterdeck, pause
from console.config import Config
from console.launch import Arguments, choose
from console.link import connect
from tests.stories.stage import Session, loaded

_COUNT = """
import gc
from console import memory
full = []
gc.callbacks.append(lambda phase, told: full.append(1) if told["generation"] == 2 else None)
memory.seldom()
kept = [[number] for number in range(400_000)]
memory.loaded()
print(len(full), gc.get_freeze_count() >= 400_000, len(gc.get_objects()) < 1_000)
"""


def test_while_much_is_loaded_nothing_is_looked_through_whole_and_then_it_is_left_out() -> None:
    run = subprocess.run([sys.executable, "-c", _COUNT], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["0", "True", "True"]


async def test_that_all_is_loaded_is_told_once_and_not_before_it_is() -> None:
    launch = choose(Arguments(demo=True, simulation={"pods": 100, "nodes": 10}), Config(), {})
    told: list[int] = []
    app = Quarterdeck(connect(launch.hello), launch, loaded=lambda: told.append(app.fleet.count("pod")))
    async with app.run_test() as pilot:
        user = Session(app, pilot)
        app.tick()
        assert not told
        await user.until(lambda: loaded(app) and bool(told))
        for _ in range(3):
            app.tick()
    assert len(told) == 1
    assert told[0] >= 100


def test_the_console_that_is_shown_does_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Shown:
        return_code = 0

        def __init__(self, *_: object, loaded: object, **__: object) -> None:
            made.append(loaded)

        def run(self, **_: object) -> None:
            made.append("run")

    monkeypatch.setattr("console.app.Quarterdeck", Shown)
    monkeypatch.setattr(memory, "seldom", lambda: made.append("seldom"))
    launch = choose(Arguments(demo=True), Config(), {})
    cli._show(object(), launch)  # type: ignore[arg-type]
    assert made == ["seldom", memory.loaded, "run"]


def test_a_long_tick_leaves_time_for_keys_and_does_not_make_the_next_one_longer() -> None:
    assert pause(0.005) == TICK_SECONDS
    for took in (0.03, 0.1):
        assert took / pause(took) <= 0.5
    shown = 0.02
    for _ in range(20):  # what is taken in meanwhile costs twice as much to show
        shown = max(0.02, 2 * (pause(shown) - shown))
    assert shown <= 0.2
