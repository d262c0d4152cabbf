"""The example in docs/providers.md: bad files told, the file followed, the page the same."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import textwrap
from pathlib import Path

import pytest

from providers.actions.cordon import SetCordon
from providers.conformance import ProviderConformance
from providers.conformance.look import opened
from providers.contract import Host, Problem, Provider, Shows, Source
from providers.engine.feed import Feed
from providers.engine.outbox import Outbox
from providers.engine.watchers import Watchers
from providers.model import Complete, Deletes, Ref
from providers.stream import Body
from tests.example_provider import inventory
from tests.example_provider.inventory import Options, provider

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "providers.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), flags=re.S | re.M)


def test_the_page_shows_the_files_as_they_are() -> None:
    code = blocks("python")
    *parts, test, action = code
    assert "\n\n\n".join(part.rstrip("\n") for part in parts) + "\n" == Path(inventory.__file__).read_text()
    assert test == (HERE / "test_conformance.py").read_text()
    assert action == textwrap.dedent(inspect.getsource(SetCordon.prepare))


def test_the_page_is_short() -> None:
    walk = PAGE.read_text().partition("## An action")[0]
    assert len(walk.splitlines()) < 150


def test_the_example_is_a_provider_that_type_checks() -> None:
    typed: Provider = provider
    assert typed.name == "inventory"


async def source_of(path: Path) -> Source:
    (source,) = await provider.sources(Options(path=str(path), every=0.01), Host())
    return source


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": "a"}\n{"id": \n', "line 2: Input data was truncated"),
        ('{"id": "a"}\n{"id": "b", "colour": "red"}\n', "line 2: Object contains unknown field `colour`"),
        ('{"id": "a"}\n{"name": "b"}\n', "line 2: Object missing required field `id`"),
        ('{"id": "a"}\n{"id": "b"}\n{"id": "a"}\n', "line 3: 'a' is there twice"),
        ('{"id": 5}\n', "line 1: Expected `str`, got `int`"),
    ],
)
async def test_a_wrong_line_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "hosts.jsonl"
    path.write_text(text)
    with pytest.raises(Problem) as problem:
        async with opened(await source_of(path)) as stream:
            await anext(stream)
    assert f"{path}, {told}" in problem.value.detail
    assert problem.value.remedy


async def test_a_missing_file_and_no_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No such file"):
        async with opened(await source_of(tmp_path / "none")) as stream:
            await anext(stream)
    with pytest.raises(Problem, match="no file is named"):
        await provider.sources(Options(), Host())


async def test_a_manifest_is_shown(tmp_path: Path) -> None:
    source = await source_of(HERE / "hosts.jsonl")
    assert isinstance(source, Shows)
    assert "name: db-1" in await source.manifest(Ref("hosts", "instance", "rack1-u07"))


async def shown(outbox: Outbox, body: Body) -> None:
    """Wait until the console is told that."""
    while body not in [frame.body for frame in outbox.take()]:
        await outbox.wait()


async def test_the_engine_follows_the_file_as_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "hosts.jsonl"
    path.write_text('{"id": "a"}\n{"id": "b"}\n')
    outbox = Outbox()
    feed = Feed("hosts", await source_of(path), outbox, Watchers())
    feed.start()
    try:
        async with asyncio.timeout(10):
            await shown(outbox, Complete("instance"))
            new = tmp_path / "new"
            new.write_text('{"id": "b"}\n')
            os.replace(new, path)
            await shown(outbox, Deletes("instance", ("a",)))
        assert feed.health.state == "live"
    finally:
        await feed.stop()


class TestChanging(ProviderConformance):
    """The kit once more, on a file that is rewritten while it is followed."""

    provider = provider

    @pytest.fixture(autouse=True)
    def _file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "hosts.jsonl"
        self.path.write_text('{"id": "a\\u001b[2J", "name": "[red]\\u202e"}\n{"id": "b"}\n')
        type(self).options = {"path": str(self.path), "every": 0.02}

    async def stir(self, source: Source) -> None:
        await asyncio.to_thread(self.path.write_text, '{"id": "b"}\n{"id": "c"}\n')
