"""One file there or back: whole or not at all, and over another one only when the person says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from providers.model import Offer
from providers.stream import WINDOW, Closed, Input, Open, Opened, Output
from tests.shells.scene import Scripted, scene
from tests.stories.stage import Session

WAY = Offer(way="cat", title="from api", choice="api")
CONTENT = os.urandom(3 * WINDOW + 17)


class Files(Scripted):
    """Keeps what is put, and says CONTENT for a get; `fails` ends it early."""

    fails = ""

    def opens(self, command: Open) -> None:
        self.kept = b""
        self.tell(Opened(id=command.id, way="cat", sent="cat"))
        if command.purpose == "get":
            whole = CONTENT[:1000] if self.fails else CONTENT
            self.tell(
                *(Output(id=command.id, data=whole[at : at + 8192]) for at in range(0, len(whole), 8192))
            )
            self.tell(Closed(id=command.id, status=1 if self.fails else 0, detail=self.fails))

    def hears(self, command: Input) -> None:
        self.kept += command.data
        if command.end:
            self.tell(Closed(id=command.id, status=1 if self.fails else 0, detail=self.fails))


async def answered(user: Session, text: str) -> None:
    await user.until(lambda: user.deck.prompts.open)
    await user.press("ctrl+u")
    await user.type(text)
    await user.press("enter")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def begun(user: Session, key: str) -> None:
    await user.press("t")
    await user.until(lambda: type(user.app.screen).__name__ == "ChooserScreen")
    await user.press(key)


async def ended(user: Session) -> str:
    dock = user.deck.dock
    await user.until(lambda: dock.tab is not None and not dock.tab.running and not dock.tab.behind)
    assert dock.tab is not None
    return dock.tab.text()


async def test_a_file_goes_there(folder: Path) -> None:
    (folder / "a.bin").write_bytes(CONTENT)
    async with scene(WAY, link=Files) as (user, link):
        await begun(user, "1")
        await answered(user, "nothing-here")
        assert user.deck.prompts.line.error == "there is no such file here"
        await answered(user, str(folder))
        assert user.deck.prompts.line.error == f"{folder} is a folder: name one file in it"
        await answered(user, "a.bin")
        await answered(user, "/srv/a.bin")
        assert link.opened == []
        assert "a file of that name is replaced" in user.deck.prompts.line._prefix
        await answered(user, "y")
        await user.until(lambda: bool(link.opened))
        text = await ended(user)
        assert link.kept == CONTENT  # type: ignore[attr-defined]
        assert (link.opened[0].purpose, link.opened[0].arguments) == ("put", ("/srv/a.bin",))
        await user.until(lambda: "whole" in user.deck.dock.tab.text())  # type: ignore[union-attr]
        assert "→ pod shop/api-1:/srv/a.bin" in text


async def test_a_file_comes_here(folder: Path) -> None:
    async with scene(WAY, link=Files) as (user, link):
        await begun(user, "2")
        await answered(user, "/var/log/app.log")
        await answered(user, "app.log")
        await user.until((folder / "app.log").exists)
        await ended(user)
        assert (folder / "app.log").read_bytes() == CONTENT
        assert [path.name for path in folder.iterdir()] == ["app.log"]
        assert link.opened[0].arguments == ("/var/log/app.log",)


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_a_file_that_is_there_is_replaced_only_when_the_person_says_so(
    folder: Path, answer: str
) -> None:
    (folder / "app.log").write_bytes(b"old")
    async with scene(WAY, link=Files) as (user, link):
        await begun(user, "2")
        await answered(user, "/var/log/app.log")
        await answered(user, "app.log")
        await answered(user, answer)
        if answer == "y":
            await user.until(lambda: (folder / "app.log").read_bytes() == CONTENT)
        else:
            assert not user.deck.prompts.open
            assert link.opened == []
            assert (folder / "app.log").read_bytes() == b"old"


async def test_a_transfer_that_fails_leaves_nothing_and_says_why(folder: Path) -> None:
    async with scene(WAY, link=Files) as (user, link):
        link.fails = "cat: /var/log/app.log: Permission denied"  # type: ignore[attr-defined]
        await begun(user, "2")
        await answered(user, "/var/log/app.log")
        await answered(user, "app.log")
        await user.until(lambda: any("Permission denied" in e.title for e in user.app.activity.entries))
        assert list(folder.iterdir()) == []
