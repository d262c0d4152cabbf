"""The provider `static` as the engine runs it: files followed, faults told, recovered from."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import get_ident

import pytest

from providers.conformance import ProviderConformance
from providers.conformance.look import opened
from providers.contract import Diagnoses, Host, Problem, Provider, Refused, Shows, Source
from providers.engine.feed import Feed
from providers.engine.outbox import Outbox
from providers.engine.watchers import Watchers
from providers.model import Began, Complete, Deletes, Health, Heard, Ref, Upserts
from providers.static import file, reading
from providers.static.naming import named
from providers.static.provider import Options, provider
from providers.stream import Body

FILES = Path(__file__).parent / "files"


async def source_of(said: Path | str, every: float = 0.01) -> Source:
    options = Options(inventories=(str(said),), every=every, every_command=every)
    (source,) = await provider.sources(options, Host())
    return source


def command(code: str) -> str:
    return "!" + shlex.join([sys.executable, "-c", code])


def test_it_is_a_provider_that_type_checks() -> None:
    typed: Provider = provider
    assert typed.name == "static"


async def test_no_inventory_is_told() -> None:
    with pytest.raises(Problem, match="no inventory is named") as problem:
        await provider.sources(Options(), Host())
    assert problem.value.state == "denied"


def test_inventories_are_called_as_their_files_are() -> None:
    assert named(["/srv/hosts.json", "~/rack.yaml", "/srv/hosts.json", "!/usr/bin/tofu show"]) == {
        "hosts": "/srv/hosts.json",
        "rack": "~/rack.yaml",
        "tofu": "!/usr/bin/tofu show",
    }


def test_inventories_of_one_name_are_told_apart() -> None:
    states = ["/a/prod/terraform.tfstate", "/a/dev/terraform.tfstate", "/b/dev/terraform.tfstate"]
    commands = ["!terraform -chdir=a show -json", "!terraform -chdir=b show -json", "!", "! "]
    assert list(named([*states, *commands])) == [
        "prod-terraform",
        "dev-terraform",
        "dev-terraform-2",
        "terraform",
        "terraform-2",
        "inventory",
        "inventory-2",
    ]


def test_names_are_clean() -> None:
    assert all("\x1b" not in name for name in named(["/x/\x1b[2J.json", "!\x1bx"]))


async def test_a_file_that_is_the_same_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(await source_of(FILES / "hosts.json")) as stream:
        assert [type(await anext(stream)) for _ in range(3)] == [Began, Upserts, Complete]
        monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("it was read"))
        assert [type(await anext(stream)) for _ in range(3)] == [Heard] * 3


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "is no file"),
        (os.mkfifo, "is no file"),
        (lambda path: path.touch(), "is empty"),
        (
            lambda path: path.write_text('[{"name": "a", "x": 1}]'),
            "entry 1: Object contains unknown field `x`",
        ),
    ],
)
async def test_what_is_wrong_with_a_file_names_it(
    tmp_path: Path, made: Callable[[Path], object], told: str
) -> None:
    path = tmp_path / "hosts.json"
    made(path)
    with pytest.raises(Problem, match=told) as problem:
        async with opened(await source_of(path)) as stream:
            await anext(stream)
    assert problem.value.detail.startswith(str(path))


async def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    with path.open("wb") as sparse:
        sparse.truncate(file.LIMIT + 1)
    with pytest.raises(Problem, match="256 MB: more than 256 are not read"):
        async with opened(await source_of(path)) as stream:
            await anext(stream)


@pytest.mark.parametrize("path", ["/nowhere/a\0b", "~nobody-of-that-name/hosts.json"])
async def test_a_path_that_can_be_none_is_told(path: str) -> None:
    with pytest.raises(Problem, match=r"null byte|No such file"):
        async with opened(await source_of(path)) as stream:
            await anext(stream)


async def test_large_files_do_not_hold_the_engines_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    read, entries = Path.read_bytes, reading.entries
    monkeypatch.setattr(Path, "read_bytes", lambda path: threads.append(get_ident()) or read(path))
    monkeypatch.setattr(reading, "entries", lambda *args: threads.append(get_ident()) or entries(*args))
    async with opened(await source_of(FILES / "hosts.json")) as stream:
        await anext(stream)
    assert len(threads) == 2
    assert get_ident() not in threads


async def test_manifest_and_diagnosis(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text('[{"name": "a", "address": "10.0.0.1"}]')
    source = await source_of(path)
    assert isinstance(source, Shows)
    assert isinstance(source, Diagnoses)
    assert await source.manifest(Ref("hosts", "instance", "a")) == "name: a\naddress: 10.0.0.1\n"
    (finding,) = await source.diagnose()
    assert (finding.subject, finding.level) == ("hosts", "ok")
    path.write_text("[]")
    with pytest.raises(Refused, match="no longer in"):
        await source.manifest(Ref("hosts", "instance", "a"))
    (finding,) = await source.diagnose()
    assert (finding.level, finding.detail) == ("warning", f"{path} declares no machines")


# ---- followed by an engine ---------------------------------------------------------------------------


@asynccontextmanager
async def followed(source: Source) -> AsyncIterator[tuple[Feed, Callable[[Callable[[Body], bool]], object]]]:
    """A feed of the source, and a wait until the console is told something."""
    outbox = Outbox()
    feed = Feed("f", source, outbox, Watchers())

    async def until(told: Callable[[Body], bool]) -> None:
        async with asyncio.timeout(10):
            while not any(told(frame.body) for frame in outbox.take()):
                await outbox.wait()

    feed.start()
    try:
        yield feed, until
    finally:
        await feed.stop()


def replaced(path: Path, text: str) -> None:
    new = path.with_name("new")
    new.write_text(text)
    os.replace(new, path)


def is_health(state: str, detail: str = "") -> Callable[[Body], bool]:
    return lambda body: isinstance(body, Health) and body.state == state and detail in body.detail


async def test_a_file_is_followed_as_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text('[{"name": "a"}, {"name": "b"}]')
    async with followed(await source_of(path)) as (feed, until):
        await until(lambda body: body == Complete("instance"))
        replaced(path, '[{"name": "b"}]')
        await until(lambda body: body == Deletes("instance", ("a",)))
        path.write_text('[{"name": "c"}]')  # in place, of the same size
        await until(lambda body: body == Deletes("instance", ("b",)))
        assert feed.health.state == "live"


async def test_a_file_that_breaks_or_vanishes_keeps_its_rows_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text('[{"name": "a"}, {"name": "b"}]')
    async with followed(await source_of(path)) as (feed, until):
        await until(is_health("live"))
        replaced(path, '[{"name": "a"}, {"na')
        await until(is_health("lost", f"{path}: Input data was truncated"))
        path.unlink()
        await until(is_health("lost", f"{path}: No such file"))
        path.write_text('[{"name": "b"}]')
        await until(lambda body: body == Deletes("instance", ("a",)))
        assert feed.health.state == "live"


async def test_a_command_is_followed_as_it_prints_other_things(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text('[{"name": "a"}, {"name": "b"}]')
    async with followed(await source_of(command(f"print(open({str(path)!r}).read())"))) as (_, until):
        await until(lambda body: body == Complete("instance"))
        replaced(path, '[{"name": "b"}]')
        await until(lambda body: body == Deletes("instance", ("a",)))


class TestChanging(ProviderConformance):
    """The kit once more, on a hostile file that is rewritten while it is followed."""

    provider = provider

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "hosts.json"
        self.path.write_text('[{"id": "a\\u001b[2J", "name": "[red]\\u202e"}, {"id": "b"}]')
        type(self).options = {"inventories": [str(self.path)], "every": 0.02}

    async def stir(self, source: Source) -> None:
        await asyncio.to_thread(replaced, self.path, '[{"id": "b"}, {"id": "c"}]')


class TestCommand(ProviderConformance):
    """The kit on a command."""

    provider = provider
    options = {  # noqa: RUF012
        "inventories": ["!" + shlex.join(["cat", str(FILES / "shown.json")])],
        "every_command": 0.05,
    }
