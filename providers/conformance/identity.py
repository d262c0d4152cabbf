"""Checks of what a provider says it is, and of the names of its sources."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import msgspec
import pytest

from providers import registry
from providers.conformance.kit import Kit, closed, dirty
from providers.model import SourceInfo

_LISTED = (
    "import sys; from providers import registry; names = registry.origins();"
    "print([value for value in names.values() if value.partition(':')[0] in sys.modules])"
)


class IdentityChecks(Kit):
    """Name, options, discovery, sources."""

    def test_it_says_what_it_is(self) -> None:
        name, summary = self.provider.name, self.provider.summary
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name), (
            f"name {name!r}: lower case letters, digits, - and _"
        )
        assert summary, "summary is empty: one line for `quarterdeck providers`"
        assert "\n" not in summary, "summary is more than one line"
        assert len(summary) <= 100, f"summary has {len(summary)} characters: 100 at most"

    def test_its_options_are_a_struct_with_defaults(self) -> None:
        options = self.provider.options
        assert isinstance(options, type), "options must be a class, not an instance"
        assert issubclass(options, msgspec.Struct), "options must be a msgspec.Struct"
        required = [field.name for field in msgspec.structs.fields(options) if field.required]
        assert not required, f"options without a default: {required}"

    def test_it_is_listed_without_being_imported(self) -> None:
        if self.provider.name not in registry.origins():
            pytest.skip(f"no installed package offers {self.provider.name!r} in {registry.GROUP!r}")
        path = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        ran = subprocess.run(
            [sys.executable, "-c", _LISTED], env=path, capture_output=True, text=True, check=True
        )
        value = registry.origins()[self.provider.name]
        assert value not in ran.stdout, f"{value} was imported just to be listed"
        assert registry.load(self.provider.name).name == self.provider.name, f"{value} has another name"

    def test_its_sources_say_where_they_are(self) -> None:
        async def check() -> None:
            sources = await self.sources()
            assert sources, "no source: raise Problem when there is nothing to look at"
            for source in sources:
                _check_info(source.info, self.provider.name)
            names = [source.info.name for source in sources]
            assert len(set(names)) == len(names), f"two sources have one name: {sorted(names)}"
            await closed(sources)

        self.run(check)

    def test_its_sources_have_the_same_names_again(self) -> None:
        async def check() -> None:
            first, second = await self.sources(), await self.sources()
            names = [[source.info.name for source in sources] for sources in (first, second)]
            assert sorted(names[0]) == sorted(names[1]), f"asked twice, the names differ: {names}"
            await closed([*first, *second])

        self.run(check)


def _check_info(info: SourceInfo, provider: str) -> None:
    assert isinstance(info, SourceInfo), f"info must be a SourceInfo, not {type(info).__name__}"
    assert info.name, "a source has no name"
    assert info.provider == provider, f"{info.name}: its provider is {info.provider!r}, not {provider!r}"
    assert info.kinds, f"{info.name}: it has no kinds"
    assert len(set(info.kinds)) == len(info.kinds), f"{info.name}: a kind is there twice: {info.kinds}"
    assert not dirty(info), f"{info.name}: not cleaned: {dirty(info)}"
