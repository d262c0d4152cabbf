"""The ways into pods and onto nodes: what they offer for which state and right, and what they ask for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from providers.contract import Refused
from providers.model import Offer, Ref, Target
from providers.sessions import Container, Ending, Session, Size
from providers.shell import SHELL
from providers.ways import Way, Where, discover

SIZE = Size(80, 24)
POD, NODE = Ref("prod", "pod", "p1"), Ref("prod", "node", "n1")
CONTAINERS = (
    Container(name="web", state="running", ports=(8080, 9090), port_names=("http", "")),
    Container(name="cache", state="waiting", reason="ErrImagePull", remedy="look at the events"),
    Container(name="mesh", state="running", role="sidecar", ports=(15000,)),
    Container(name="migrate", state="terminated", reason="Completed, exit status 0", role="init"),
    Container(name="late", role="container"),
)


class Process:
    """A command run on this machine as if in a container."""

    sent = ""

    def __init__(self, process: asyncio.subprocess.Process, deaf: bool) -> None:
        self._process, self._deaf = process, deaf

    async def read(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.read(1 << 16)

    async def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        if self._deaf:
            self._process.stdin.close()  # as when the connection breaks
            return
        self._process.stdin.write(data)
        await self._process.stdin.drain()

    async def end(self) -> None:
        """Cannot be said."""

    def resize(self, size: Size) -> None: ...

    async def ended(self) -> Ending:
        assert self._process.stderr is not None
        complaint = await self._process.stderr.read()
        return Ending(await self._process.wait(), complaint.decode().strip())

    async def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
        self._process._transport.close()  # type: ignore[attr-defined]


class Pods:
    """A source that does whatever is asked, and remembers what that was."""

    def __init__(self, denied: str = "", containers: Sequence[Container] = CONTAINERS) -> None:
        self.denied, self.found = denied, containers
        self.asked: list[tuple[Any, ...]] = []
        self.deaf = False

    async def containers(self, ref: Ref) -> Sequence[Container]:
        return self.found

    async def may(self, ref: Ref, what: str) -> str:
        self.asked.append(("may", what))
        return self.denied

    async def execute(self, ref: Ref, container: str, command: Sequence[str], size: Size | None) -> Session:
        self.asked.append(("execute", ref, container, tuple(command), size))
        pipe = asyncio.subprocess.PIPE
        made = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
        return Process(made, self.deaf)

    async def attach(self, *asked: Any) -> Any:
        self.asked.append(("attach", *asked))

    async def logs(self, *asked: Any, **options: Any) -> Any:
        self.asked.append(("logs", *asked, options))

    async def forward(self, *asked: Any) -> Any:
        self.asked.append(("forward", *asked))

    def debug_plan(self, ref: Ref) -> str:
        return "makes a pod"

    async def debug(self, *asked: Any) -> Any:
        self.asked.append(("debug", *asked))


def way(name: str) -> Way:
    return next(each for each in discover() if each.name == name)


def where(source: Any, ref: Ref = POD) -> Where:
    target = Target(ref=ref, label=f"{ref.kind} x", name="x")
    nobody: Any = None
    return Where(target=target, source=source, machine=None, asker=nobody, reach=nobody)


async def offers(name: str, source: Any, ref: Ref = POD) -> list[Offer]:
    return list(await way(name).offers(where(source, ref)))


@pytest.mark.parametrize("name", ["exec", "attach", "cat", "head"])
async def test_only_running_containers_are_entered_and_the_others_say_why_not(name: str) -> None:
    found = await offers(name, Pods())
    assert [(each.choice, each.refused) for each in found] == [
        ("web", ""),
        ("cache", "cache is waiting: ErrImagePull"),
        ("mesh", ""),
        ("migrate", "migrate has ended: Completed, exit status 0"),
        ("late", "late has not started"),
    ]
    assert [bool(each.remedy) for each in found] == [bool(each.refused) for each in found]
    assert found[1].remedy == "look at the events"
    assert found[2].title.endswith("mesh (sidecar container)")
    assert {each.way for each in found} == {name}


async def test_it_is_told_where_what_is_typed_goes_nowhere() -> None:
    quiet = Container(name="web", state="running", takes_input=False)
    talking = Container(name="cache", state="running")
    for name, deaf in (("attach", [True, False]), ("exec", [False, False]), ("logs", [True, True])):
        found = await offers(name, Pods(containers=(quiet, talking)))
        assert [each.deaf for each in found] == deaf
    (one, other) = await offers("attach", Pods(containers=(quiet, talking)))
    assert "takes no input" in one.detail
    assert "ctrl-c" in other.detail


@pytest.mark.parametrize("name", ["logs", "previous"])
async def test_logs_of_what_has_ended_are_offered_too(name: str) -> None:
    assert [each.refused for each in await offers(name, Pods())] == [""] * 5


@pytest.mark.parametrize("name", ["exec", "attach", "logs", "previous", "forward", "debug", "cat", "head"])
async def test_what_is_not_allowed_is_closed_beforehand(name: str) -> None:
    ref = NODE if name == "debug" else POD
    found = await offers(name, Pods("ada may not"), ref)
    assert found
    assert {each.refused for each in found} == {"ada may not"}
    assert await offers(name, object(), ref) == []
    with pytest.raises(Refused):
        await way(name).open(where(object(), ref), "", SIZE, ("80",))


async def test_what_is_opened_is_what_was_chosen() -> None:
    source = Pods()
    await way("attach").open(where(source), "mesh", SIZE, ())
    await way("logs").open(where(source), "", SIZE, ())
    await way("previous").open(where(source), "web", SIZE, ())
    await way("forward").open(where(source), "8080", SIZE, ())
    await way("forward").open(where(source), "", SIZE, ("5432",))
    await way("debug").open(where(source, NODE), "", SIZE, ())
    assert source.asked == [
        ("attach", POD, "mesh", SIZE),
        ("logs", POD, "", {"tail": 500, "previous": False}),
        ("logs", POD, "web", {"tail": 500, "previous": True}),
        ("forward", POD, 8080),
        ("forward", POD, 5432),
        ("debug", NODE, SIZE),
    ]
    shell = await way("exec").open(where(source), "web", SIZE, ())
    assert source.asked[-1] == ("execute", POD, "web", SHELL, SIZE)
    await shell.close()


async def test_named_ports_are_offered_and_any_other_may_be_asked_for() -> None:
    found = await offers("forward", Pods())
    assert [(each.choice, each.title) for each in found] == [
        ("8080", "port 8080 of web"),
        ("9090", "port 9090 of web"),
        ("15000", "port 15000 of mesh (sidecar container)"),
    ]
    assert [each.alias for each in found] == ["http", "", ""]
    (any_port,) = await offers("forward", Pods(containers=(Container(name="web", state="running"),)))
    assert (any_port.choice, any_port.refused) == ("", "")
    (nothing,) = await offers("forward", Pods(containers=(Container(name="web", state="waiting"),)))
    assert nothing.refused == "no container of it runs"


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "http", "٣"])
async def test_what_is_no_port_is_not_asked_for(port: str) -> None:
    source = Pods()
    with pytest.raises(Refused, match="is no port"):
        await way("forward").open(where(source), "", SIZE, (port,))
    assert source.asked == []


async def test_a_debug_pod_is_confirmed_by_the_name_of_its_node() -> None:
    (offer,) = await offers("debug", Pods(), NODE)
    assert (offer.typed, offer.detail, offer.refused) == ("x", "makes a pod", "")


# ---- files -------------------------------------------------------------------------------------------


async def get(path: str, source: Pods | None = None) -> tuple[bytes, Ending]:
    session = await way("cat").open(where(source or Pods()), "web", SIZE, (path,))
    said = b""
    while piece := await session.read():
        said += piece
    ending = await session.ended()
    await session.close()
    return said, ending


async def put(path: str, *pieces: bytes, source: Pods | None = None) -> Ending:
    session = await way("head").open(where(source or Pods()), "web", SIZE, (path,))
    reading = asyncio.create_task(session.read())
    for piece in pieces:
        await session.write(piece)
    await session.end()
    assert await reading == b""
    ending = await session.ended()
    await session.close()
    return ending


@pytest.mark.parametrize("name", ["plain", "-rf", "with space", "it's", "$(touch owned)", "ünï"])
@pytest.mark.parametrize("size", [0, 1, 3_000_000])
async def test_a_file_goes_in_and_comes_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    monkeypatch.chdir(tmp_path)
    data = os.urandom(size)
    assert await put(name, data[: size // 2], data[size // 2 :]) == Ending(0)
    assert (tmp_path / name).read_bytes() == data
    assert await get(name) == (data, Ending(0))
    assert os.listdir(tmp_path) == [name]


async def test_a_file_keeps_its_rights_and_a_link_its_place(tmp_path: Path) -> None:
    script, link = tmp_path / "real", tmp_path / "link"
    script.write_text("old")
    script.chmod(0o755)
    link.symlink_to("real")
    assert await put(str(link), b"new") == Ending(0)
    assert link.is_symlink()
    assert (script.read_text(), script.stat().st_mode & 0o777) == ("new", 0o755)


async def test_a_file_that_did_not_come_whole_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    source = Pods()
    source.deaf = True
    assert (await put(str(file), b"new", source=source)).status == 1
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]


async def test_a_put_that_is_closed_early_runs_nothing(tmp_path: Path) -> None:
    source = Pods()
    session = await way("head").open(where(source), "web", SIZE, (str(tmp_path / "file"),))
    reading = asyncio.create_task(session.read())
    await session.write(b"half")
    await session.close()
    assert await reading == b""
    assert (await session.ended()).detail == "closed"
    assert source.asked == []


async def test_folders_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    assert await get(str(tmp_path)) == (b"", Ending(1, f"{tmp_path} is a folder"))
    assert await put(str(tmp_path), b"x") == Ending(1, f"{tmp_path} is a folder")
    said, ending = await get(str(tmp_path / "none"))
    assert (said, ending.status) == (b"", 1)
    assert "No such file" in ending.detail
    assert await put(f"{tmp_path}/none/file", b"x") == Ending(1, f"there is no folder {tmp_path}/none/")
    for path in ("", "/etc/", "a\0b"):
        with pytest.raises(Refused, match="names no file"):
            await get(path)
