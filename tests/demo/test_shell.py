"""The simulated shell: lines are edited, a few words are known, and it ends as a shell does."""

from __future__ import annotations

from typing import Any, cast

import pytest

from providers.demo.shell import Shell
from providers.model import Ref, Target
from providers.sessions import Ending, Pretends, Size
from providers.ways import Where
from providers.ways.simulated import Simulated


async def said(shell: Shell, typed: str) -> str:
    """Everything that it says until it has ended."""
    await shell.write(typed.encode())
    text = b""
    while data := await shell.read():
        text += data
    return text.decode()


async def test_it_answers_and_ends() -> None:
    shell = Shell("web-1", Size(80, 24))
    shell.resize(Size(100, 30))
    text = await said(shell, "hostname\rsize\rnope\rexit\r")
    assert "\r\nweb-1\r\n" in text
    assert "100 columns, 30 rows" in text
    assert "nope: there is no such word" in text
    assert await shell.ended() == Ending(0)


@pytest.mark.parametrize(
    "typed", ["hosx\x7ftname\r\x04", "\x15rubbish\x15hostname\r\x04", "rubbish\x03hostname\r\x04"]
)
async def test_lines_are_edited(typed: str) -> None:
    text = await said(Shell("web-1", Size(80, 24)), typed)
    assert "\r\nweb-1\r\n" in text
    assert "no such word" not in text


async def test_it_can_be_closed() -> None:
    shell = Shell("web-1", Size(80, 24))
    await shell.close()
    assert await shell.ended() == Ending(None)


async def test_the_way_is_open_only_where_a_source_pretends() -> None:
    class Pretending:
        def pretend(self, name: str, size: Size) -> Shell:
            return Shell(name, size)

    target = Target(ref=Ref("prod", "node", "n"), label="node web-1", name="web-1")
    nobody = cast(Any, None)
    where = Where(target=target, source=nobody, machine=None, asker=nobody, reach=nobody)
    assert await Simulated().offers(where) == ()
    where = Where(target=target, source=cast(Any, Pretending()), machine=None, asker=nobody, reach=nobody)
    assert isinstance(where.source, Pretends)
    [offer] = await Simulated().offers(where)
    assert (offer.way, offer.refused) == ("simulated", "")
    assert "web-1" in (await Simulated().open(where, "", Size(80, 24), ())).sent
