"""Screens held to their kept snapshots: after a change that is meant, `pytest --snapshot-update` here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import Quarterdeck
from console.config import Config
from console.launch import Arguments, choose
from console.link import connect
from tests.stories.stage import NOW, Session, loaded

Compare = Callable[..., bool]
KEYS: dict[str, tuple[str, ...]] = {
    "deck": (),
    "help": ("question_mark",),
    "question": ("colon", *"nodes", "enter", "j", "j", "c"),
}


@pytest.mark.parametrize("screen", KEYS)
def test_the_screen_is_as_kept(snap_compare: Compare, screen: str) -> None:
    simulation: dict[str, Any] = {"pods": 300, "nodes": 20, "frozen": True, "now": NOW}
    launch = choose(Arguments(demo=True, simulation=simulation), Config(), {})
    app = Quarterdeck(connect(launch.hello), launch, now=lambda: NOW)

    async def before(pilot: Pilot[None]) -> None:
        user = Session(app, pilot)
        await user.until(lambda: loaded(app))
        app.tick()
        await user.press(*KEYS[screen])
        if screen == "question":
            await user.until(lambda: app.screen is not user.deck)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(100, 30), run_before=before)
