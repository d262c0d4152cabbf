"""The kit itself: a good provider passes, and for each way to be wrong there is a check that catches it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from providers.conformance import ProviderConformance
from providers.contract import Source
from providers.model import Pod

from .broken import TABLE
from .good import Good, GoodProvider
from .good import provider as good

CHECKS = [name.removeprefix("test_") for name in dir(ProviderConformance) if name.startswith("test_")]


def kit(provider: Any) -> ProviderConformance:
    """The kit over that provider, in a hurry."""

    class Quick(ProviderConformance):
        timeout = 0.3
        follow = 0.05
        writes = True

        async def stir(self, source: Source) -> None:
            assert isinstance(source, Good)
            source.put(Pod(uid="p2", namespace="shop", name="web-2"))

    Quick.provider = provider
    return Quick()


INSTALLED = "it_is_listed_without_being_imported"
"""Needs an installed package: it has tests of its own below."""


@pytest.mark.parametrize("check", [check for check in CHECKS if check != INSTALLED])
def test_a_good_provider_passes(check: str) -> None:
    getattr(kit(GoodProvider()), f"test_{check}")()


@pytest.mark.parametrize(
    ("check", "provider", "told"), TABLE, ids=[f"{check}-{told}" for check, _, told in TABLE]
)
def test_each_way_to_be_wrong_is_caught(check: str, provider: Callable[[], Any], told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        getattr(kit(provider()), f"test_{check}")()


def test_every_check_catches_something() -> None:
    assert set(CHECKS) - {check for check, _, _ in TABLE} == {INSTALLED}


def test_nothing_is_written_unless_allowed() -> None:
    class Careful(ProviderConformance):
        provider = GoodProvider()

    for check in ("a_cordon_is_seen_in_the_stream", "read_only_refuses_every_write"):
        with pytest.raises(pytest.skip.Exception, match="writes = True"):
            getattr(Careful(), f"test_{check}")()


def installed(folder: Path, target: str) -> None:
    """A package that offers `target` as the provider called good."""
    info = folder / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[quarterdeck.providers]\ngood = {target}\n")


def listed(provider: Any) -> None:
    kit(provider).test_it_is_listed_without_being_imported()


def test_an_installed_provider_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception):
        listed(good)
    monkeypatch.syspath_prepend(tmp_path)
    installed(tmp_path, "tests.conformance.good:provider")
    listed(good)


def test_an_entry_point_of_another_provider_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "stranger.py").write_text("class provider:\n    name = 'another'\n")
    installed(tmp_path, "stranger:provider")
    with pytest.raises(AssertionError, match="has another name"):
        listed(good)
    sys.modules.pop("stranger")


def test_one_that_is_imported_to_be_listed_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    installed(tmp_path, "msgspec:Struct")  # stands for a module that the listing itself loads
    with pytest.raises(AssertionError, match="imported just to be listed"):
        listed(good)
