"""R5: whatever is pressed, typed or sent, a read-only console writes nothing, by the server's own audit log.

As a user who may do everything, so that only the console's word is tested and not the server's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from console.commands import Command, Registry
from console.keybook import builtin
from console.link import Link, connect
from console.typed import words
from providers.actions import discover
from providers.model import Complete, Ref, Upserts
from providers.stream import Body, Confirm, Failed, Frame, Hello, Propose, ProviderChoice, Welcome
from providers.transport import connect as connect_command

from . import stage
from .cluster import Lab
from .person import COMMAND, ESCAPE, PATIENCE, Person

USER = "certificate"
"""An administrator who is nobody else in these tests."""
WRITES = {"create", "update", "patch", "delete", "deletecollection"}
SHELLS = {"exec", "attach", "portforward", "proxy"}
_NAMED = {
    "slash": "/", "colon": ":", "question_mark": "?", "escape": ESCAPE, "enter": "\r", "space": " ",
    "tab": "\t", "shift+tab": "\x1b[Z", "left_square_bracket": "[", "right_square_bracket": "]",
    "minus": "-", "grave_accent": "`", "exclamation_mark": "!", "up": "\x1b[A",
    "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D",
    "ctrl+@": "\0", "ctrl+space": "\0", "ctrl+backslash": "\x1c",
}  # fmt: skip


def sent_by(key: str) -> str:
    """What a terminal sends for a key of the registry."""
    if key in _NAMED:
        return _NAMED[key]
    if key.startswith("ctrl+"):
        return chr(ord(key[-1]) & 0x1F)
    assert len(key) == 1, f"what does a terminal send for {key}?"
    return key


def registry() -> Registry:
    """Every command there is: the console's, and the engine's actions."""
    whole = Registry(builtin())
    for spec in (action.spec for action in discover() if not action.spec.worded):
        whole.add(
            Command(
                id=spec.name,
                keys=(spec.key,),
                title=spec.title,
                description=spec.description,
                group="Actions",
                run=lambda deck: None,
                kinds=spec.kinds,
                words=(spec.name,),
            )
        )
    return whole


def keys(kind: str) -> Iterator[str]:
    """What is sent by every key that does something in a pane of that kind, but for leaving."""
    for command in registry().commands.values():
        if command.id != "quit" and command.fits(kind):
            yield from map(sent_by, command.keys)


def written(lab: Lab, since: int) -> list[dict[str, Any]]:
    """What USER changed, or opened a session with, according to the API server."""
    found = []
    for event in lab.audit_events(USER, since):
        what = event.get("objectRef", {})
        asks = what.get("resource", "").startswith("selfsubject") and event["verb"] == "create"
        if not asks and (event["verb"] in WRITES or what.get("subresource") in SHELLS):
            found.append(event)
    return found


def _asked(lab: Lab, since: int) -> list[dict[str, Any]]:
    return [event for event in lab.audit_events(USER, since) if "objectRef" in event]


def arguments(lab: Lab) -> list[str]:
    return ["--kubeconfig", str(lab.kubeconfig(user=USER)), "--context", "lab"]


def press(me: Person, start: str, keys: list[str]) -> None:
    """Press each key from that place on, confirm what may be asked, and come back by escape."""
    asked = {text for action in discover() for text in (action.spec.key or "!", f":{action.spec.name}\r")}
    for key in keys:
        me.send(f"{start}{key}")
        me.run_for(0.5 if key in asked else 0.02)  # a question takes the engine a moment
        me.send(f"y{ESCAPE}")
        me.run_for(0.06)
        assert me.process.poll() is None, f"{key!r} from {start!r} ended the console:\n{me.text}"


def _helped(me: Person) -> bool:
    """Whether all that was pressed has been heard: help is on the screen, whatever was there before."""
    me.send(f"{ESCAPE}?")
    me.run_for(0.5)
    return " Help " in me.text


def places(lab: Lab) -> dict[str, str]:
    """Where keys are pressed: a kind of pane, and what is typed to stand in it on something of ours."""
    return {"source": ":sources\r", "node": ":nodes /0-8\r", "pod": f":pods {stage.PLACE}\r"}


def test_R5_no_key_and_no_command_writes(lab: Lab, tmp_path: Path) -> None:
    since = lab.audit_log.stat().st_size
    with stage.deployment(lab, "rests", 2), stage.pods(lab, "bare"):
        with Person(tmp_path, *arguments(lab), "--read-only") as me:
            me.open()
            me.until(lambda: "read-only" in me.header and "credentials could write" in me.header)
            for kind, start in places(lab).items():
                press(me, start, list(dict.fromkeys(keys(kind))))
            every = [f":{word}\r" for word in words(registry()) if not _quits(word)]
            press(me, places(lab)["node"], every)
            press(me, places(lab)["pod"], [f":{action.spec.name}\r" for action in discover()])
            me.until(lambda: _helped(me))
            me.send(ESCAPE)
            me.see_not(" Help ")
            assert me.leave() == 0
        looked = {(event["verb"], event["objectRef"].get("resource")) for event in _asked(lab, since)}
        assert {("watch", "pods"), ("get", "pods"), ("get", "nodes")} <= looked, "the keys were not heard"
        assert written(lab, since) == []
        assert not list(tmp_path.rglob("audit.jsonl"))

        # The same keys on a console that may write do write: the proof is not one of deaf keys.
        with Person(tmp_path, *arguments(lab)) as me:
            me.open()
            me.until(lambda: "read-write" in me.header)
            me.nodes("/0-8$/")
            for key, done in (
                ("c", "cordon: node ip-10-12-0-8 done"),
                ("u", "uncordon: node ip-10-12-0-8 done"),
            ):
                me.send(key)
                me.see("y Cordon" if key == "c" else "y Uncordon")
                me.send("y")
                me.see(done)
            assert me.leave() == 0
        assert {event["verb"] for event in written(lab, since)} == {"patch"}


def _quits(word: str) -> bool:
    command = registry().by_word(word)
    return command is not None and command.id == "quit"


def _first_row(me: Person) -> str:
    """The wall's first row of pods or of nodes."""
    lines = me.lines
    at = next((at for at, line in enumerate(lines) if line.startswith((" Nodes ", " Pods "))), None)
    return "" if at is None else lines[at + 2]


def test_R3_the_wall_writes_nothing(lab: Lab, tmp_path: Path) -> None:
    since = lab.audit_log.stat().st_size
    with Person(tmp_path, "wall", *arguments(lab)) as me:
        me.see("● live", "read-only", "last data")
        # A page of nothing is not shown till its turn ends, and on the others the worst comes first.
        me.until(lambda: "✕" in _first_row(me), timeout=10)
        every = [key for kind in places(lab) for key in keys(kind) if key != ESCAPE]
        me.send("".join(dict.fromkeys(every)))
        me.send(":cordon\r:restart\rcyuyry")
        me.run_for(1.0)
        me.see("● live", "last data")
        assert me.leave() == 0
    assert any(event["verb"] == "watch" for event in lab.audit_events(USER, since)), "nobody looked"
    assert written(lab, since) == []


# ---- a console that does not keep its word -----------------------------------------------------------


class Hostile:
    """A console that sends what it likes."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.refs: dict[str, Ref] = {}
        self.welcome: Welcome | None = None
        self.complete: set[str] = set()
        self.answers: dict[int, Body] = {}
        self.lost = ""

    async def read(self) -> None:
        """Take in what comes, until the engine is gone."""
        async for frames in self.link.frames():
            for frame in frames:
                self._take(frame)

    def _take(self, frame: Frame) -> None:
        body = frame.body
        match body:
            case Welcome():
                self.welcome = body
            case Upserts():
                self.refs |= {obj.name: Ref(frame.source, _kind(obj), obj.uid) for obj in body.objects}
            case Complete():
                self.complete.add(body.kind)
            case Failed(id=0):
                self.lost = body.detail
            case _ if getattr(body, "id", 0):
                self.answers[body.id] = body

    async def until(self, seen: Any) -> None:
        """Wait until that is so."""
        async with asyncio.timeout(PATIENCE):
            while not seen():  # noqa: ASYNC110
                await asyncio.sleep(0.02)


def _kind(obj: Any) -> str:
    return str(type(obj).__name__.lower())


@asynccontextmanager
async def hostile(link: Link) -> AsyncIterator[Hostile]:
    console = Hostile(link)
    reading = asyncio.create_task(console.read())
    try:
        await console.until(lambda: {"node", "pod"} <= console.complete)
        yield console
    finally:
        await link.close()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _hello(lab: Lab, home: Path, *, read_only: bool) -> Hello:
    options = {"kubeconfig": str(lab.kubeconfig(user=USER)), "contexts": ["lab"]}
    choice = ProviderChoice("kubernetes", options)
    return Hello(version="0", providers=(choice,), read_only=read_only, audit_path=str(home / "audit.jsonl"))


@pytest.mark.parametrize("where", ["said by the console", "said to the engine"])
async def test_R1_the_engine_refuses_whatever_the_console_sends(lab: Lab, tmp_path: Path, where: str) -> None:
    since = lab.audit_log.stat().st_size
    if where == "said by the console":
        link = connect(_hello(lab, tmp_path, read_only=True))
    else:
        command = [COMMAND, "engine", "--stdio", "--read-only"]
        link = Link(connect_command(command, _hello(lab, tmp_path, read_only=False), timeout=PATIENCE))
    async with hostile(link) as console:
        assert console.welcome is not None
        assert console.welcome.read_only
        node, pod = console.refs["ip-10-12-0-8"], console.refs["api-0"]
        asked = [("cordon", node), ("uncordon", node), ("restart", pod), ("drain", node), ("cordon", pod)]
        for number, (action, ref) in enumerate(asked, 1):
            link.send(Propose(id=number, action=action, refs=(ref,)))
            link.send(Confirm(id=number, typed="y"))
        last = len(asked) + 1
        link.send(Confirm(id=last, typed="y"))
        await console.until(lambda: {*range(1, last + 1)} <= console.answers.keys())
        assert {type(answer) for answer in console.answers.values()} == {Failed}
        # To say hello again, and to be allowed everything this time, ends the conversation.
        link.send(_hello(lab, tmp_path, read_only=False))
        link.send(Propose(id=last + 1, action="cordon", refs=(node,)))
        await console.until(lambda: bool(console.lost))
        assert last + 1 not in console.answers
    assert any(event["verb"] == "watch" for event in lab.audit_events(USER, since)), "nobody looked"
    assert written(lab, since) == []
