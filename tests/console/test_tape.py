"""A recording opens in the ordinary console: same rows, its own time, and nothing can be done."""

import asyncio
from pathlib import Path

import pytest

from console.app import Quarterdeck
from console.config import Config
from console.launch import Arguments, Launch, choose
from console.link import connect
from console.tape import Tape, keep
from providers.recording import Recorder
from providers.stream import VERSION, Hello
from providers.wire import WireError
from tests.stories.stage import Session


@pytest.fixture
async def recording(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.qdk"
    launch = choose(Arguments(demo=True, simulation={"pods": 60, "frozen": True}), Config(), {})
    assert await keep(connect(launch.hello), Recorder(path), 2.0) > 10
    return path


def opened(path: Path) -> Quarterdeck:
    tape = Tape(path)
    hello = Hello(version=VERSION, providers=(), read_only=True)
    return Quarterdeck(tape, Launch(hello=hello, config=Config(), recording=str(path)), now=tape.now)


async def test_a_recording_opens_with_every_row_and_refuses_every_action(recording: Path) -> None:
    app = opened(recording)
    async with app.run_test(size=(160, 45)) as pilot:
        user = Session(app, pilot)
        await user.until(lambda: len(user.rows("pod")) == 60)
        assert "read-only" in user.deck.header.text
        assert "RECORDING of 20" in user.deck.header.text
        assert "engine" not in user.deck.header.text
        await user.press("r", "y")
        await user.until(lambda: any("this is a recording" in e.title for e in app.activity.entries))


async def test_what_is_no_recording_is_told_before_the_screen_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "no.qdk"
    await asyncio.to_thread(path.write_text, "apiVersion: v1\n")
    with pytest.raises(WireError):
        Tape(path)
