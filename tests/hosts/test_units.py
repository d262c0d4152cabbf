"""Restart of a unit, from the key to the outcome: a real connection, with doubles of systemd and sudo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from providers.contract import Refused, Uncertain
from providers.engine.audit import entries
from providers.engine.feed import Feed
from providers.engine.outbox import Outbox
from providers.model import Ref, Target
from providers.sessions import Completed
from providers.ssh import units
from tests.actions.console import Console
from tests.ssh.farm import Farm, Server
from tests.waiting import until

from .doubles import Systemd
from .scripted import Scripted
from .test_source import aliases

NGINX = Ref("ssh-config", "unit", "managed/nginx.service")
TARGET = Target(ref=Ref("ssh", "host", "a"), label="host a", name="a", host="a")


@pytest.fixture
def known(farm: Farm, home: Path, managed: Server) -> str:
    """The ssh configuration that leads to the server, whose key is known."""
    aliases(farm, managed=managed)
    farm.knows(managed)
    return str(farm.config)


@pytest.fixture
async def console(
    known: str, systemd: Systemd, opened: Callable[..., Any], tmp_path: Path
) -> AsyncIterator[Console]:
    """A person who sees nginx failed on a real server."""
    systemd.put(
        "nginx.service", ActiveState="failed", RequiredBy="shop.service", ConsistsOf="nginx-log.service"
    )
    systemd.put("shop.service", BoundBy="shop-web.service", RequiredBy="nginx.service")
    systemd.put("shop-web.service")
    systemd.put("nginx-log.service", ActiveState="inactive")
    systemd.may(True)
    systemd.fails(False)
    systemd.restarts()
    [source] = await opened(config=known)
    console = Console(tmp_path / "audit.jsonl", source)
    feed = Feed(source.info.name, source, Outbox(), source.watchers)
    feed.start()
    await until(lambda: feed.health.state == "live")
    yield console
    await feed.stop()


async def test_it_is_restarted_once_and_seen_by_the_next_poll(console: Console, systemd: Systemd) -> None:
    plan = await console.propose("restart-unit", NGINX)
    (item,) = plan.items
    assert plan.typed == ""
    assert item.label == "unit nginx.service on managed"
    assert item.identity == "ops@managed, by sudo"
    assert item.effect == "restarted; now it is failed"
    assert item.consequences == ("restarts with it: shop-web.service, shop.service",)
    assert systemd.restarts() == []
    console.confirm()
    (result,) = await console.outcome()
    assert (result.state, result.detail) == ("done", "")
    assert systemd.restarts() == ["restart nginx.service"]
    assert systemd.state("nginx.service") == "active"
    intent, outcome = entries(console.audit.path)
    assert "systemctl restart nginx.service on managed as ops@managed, by sudo" in intent.sent
    assert "InvocationID=run-1" in intent.sent
    assert (intent.object.name, intent.object.namespace) == ("nginx.service", "managed")
    assert outcome.result == "done"


async def test_another_run_than_the_one_looked_at_is_left_alone(console: Console, systemd: Systemd) -> None:
    await console.propose("restart-unit", NGINX)
    systemd.put("nginx.service", ActiveState="failed", InvocationID="run-9")
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "refused"
    assert "has changed since it was looked at" in result.detail
    assert systemd.restarts() == []


async def test_without_sudo_it_is_refused_before_anybody_is_asked(console: Console, systemd: Systemd) -> None:
    systemd.may(False)
    (item,) = (await console.propose("restart-unit", NGINX)).items
    assert "sudo restarts nothing there without a password: sudo: a password is required" in item.refused
    assert systemd.restarts() == []


async def test_what_systemd_says_of_a_failure_is_the_outcome(console: Console, systemd: Systemd) -> None:
    systemd.fails(True)
    await console.propose("restart-unit", NGINX)
    console.confirm()
    (result,) = await console.outcome()
    assert result.state == "failed"
    assert "Job for nginx.service failed." in result.detail
    assert systemd.restarts() == ["restart nginx.service"]


async def test_one_that_is_gone_is_refused(console: Console) -> None:
    gone = ("managed/none.service", "managed/-H.service", "managed/$(id).service", "other/nginx.service")
    for number, uid in enumerate(gone, 1):
        plan = await console.propose("restart-unit", Ref("ssh-config", "unit", uid), number=number)
        (item,) = plan.items
        assert item.refused


async def test_a_read_only_engine_restarts_nothing(
    known: str, systemd: Systemd, opened: Callable[..., Any]
) -> None:
    systemd.put("nginx.service", ActiveState="failed")
    [source] = await opened(config=known, read_only=True)
    unit = await source.unit(NGINX)
    for dry_run in (True, False):
        with pytest.raises(Refused, match="read-only"):
            await source.restart_unit(unit, dry_run=dry_run)
    assert systemd.restarts() == []


async def test_without_an_answer_it_is_unknown() -> None:
    lost = Completed(exit_status=None, error="the connection was lost")
    with pytest.raises(Uncertain, match="sent, and no answer came: the connection was lost"):
        await units.restart(Scripted(lambda host, stdin: lost), TARGET, "a.service", "x")


@pytest.mark.parametrize(
    "name", ["x;touch F.service", "$(id).service", "-H.service", "a", "a b.service", "a\n.service"]
)
async def test_a_name_that_can_be_no_units_is_never_sent(name: str) -> None:
    reach = Scripted(lambda host, stdin: b"")
    for work in (units.look_at, units.rehearse, units.properties):
        with pytest.raises(Refused, match="no name of a unit"):
            await work(reach, TARGET, name)  # type: ignore[operator]
    with pytest.raises(Refused):
        await units.restart(reach, TARGET, name, "x")
    assert reach.asked == []
