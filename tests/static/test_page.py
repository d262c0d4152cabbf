"""docs/providers.md shows the code as it is, and stays short."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

from providers.actions.cordon import SetCordon
from providers.static import hosts
from providers.static import provider as provider_module

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "providers.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.S | re.M)


def test_the_page_shows_the_code_as_it_is() -> None:
    *excerpts, test, action = blocks("python")
    source = inspect.getsource(provider_module) + inspect.getsource(hosts)
    assert len(excerpts) > 3
    assert [excerpt for excerpt in excerpts if f"\n\n{excerpt}" not in source] == []
    assert test == Path(__file__).with_name("test_conformance.py").read_text()
    assert action == textwrap.dedent(inspect.getsource(SetCordon.prepare))


def test_the_page_shows_the_entry_point_as_it_is() -> None:
    (block,) = blocks("toml")
    section, line = block.splitlines()
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert line in project.partition(section)[2].partition("\n\n")[0].splitlines()


def test_the_page_is_short() -> None:
    assert len(PAGE.partition("## An action")[0].splitlines()) < 150
