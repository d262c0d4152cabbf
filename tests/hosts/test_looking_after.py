"""Instances that a filter finds are looked after as hosts: told once, and again when they change."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from console.app import Quarterdeck
from console.config import Config, Start
from console.fleet import Fleet
from console.launch import Arguments, choose
from console.link import connect
from console.looking_after import SOURCE, LookingAfter
from console.targets import Rules, RulesError
from providers.model import About, Deletes, Instance, SourceInfo, Upserts
from providers.stream import Command, Follow, Frame, Welcome
from tests.ssh.farm import Farm, Server
from tests.stories.stage import Session
from tests.waiting import until

WEB = Instance(uid="i-1", name="web-1", state="running", private_ip="10.0.0.1")
DB = Instance(uid="i-2", name="db-1", state="running", private_ip="10.0.0.2")


class Told:
    """A fleet, and what the engine is told of it."""

    def __init__(self, filter: str) -> None:
        self.fleet = Fleet(lambda: 1.0)
        self.said: list[tuple[str, ...]] = []
        self.takes = True
        self.looking = LookingAfter(filter, Rules(Config(), self.fleet.now), self.fleet, self._send)

    def _send(self, command: Command) -> bool:
        assert isinstance(command, Follow)
        if self.takes:
            self.said.append(tuple(target.host for target in command.targets))
        return self.takes

    def hear(self, source: str, *bodies: object) -> None:
        for body in bodies:
            self.fleet.apply(Frame(1.0, source, body))  # type: ignore[arg-type]
        self.looking.take(self.fleet.take())

    def engine(self) -> None:
        self.hear("", Welcome(version="1", pid=1, host="h", read_only=False))
        self.hear(SOURCE, About(SourceInfo(name=SOURCE, provider="ssh", kinds=("host",))))


def test_what_the_filter_finds_is_told_as_it_comes_changes_and_goes() -> None:
    told = Told("state:running name:web-*")
    told.hear("cloud", Upserts((WEB, DB)))
    assert told.said == []
    told.engine()
    assert told.said == [("10.0.0.1",)]
    told.hear("cloud", Upserts((replace(DB, name="web-2"),)))
    assert told.said[-1] == ("10.0.0.1", "10.0.0.2")
    told.hear("cloud", Upserts((replace(WEB, state="stopped"),)))
    assert told.said[-1] == ("10.0.0.2",)
    told.hear("cloud", Deletes("instance", ("i-2",)))
    assert told.said[-1] == ()


def test_nothing_is_told_twice_but_to_another_engine() -> None:
    told = Told("name:web-*")
    told.engine()
    told.hear("cloud", Upserts((WEB,)))
    told.hear("cloud", Upserts((replace(WEB, checks="2/2"),)))
    assert told.said == [(), ("10.0.0.1",)]
    told.engine()
    told.hear("cloud", Upserts((WEB,)))
    assert told.said[2:].count(("10.0.0.1",)) == 1


def test_what_could_not_be_sent_is_sent_later() -> None:
    told = Told("name:web-*")
    told.engine()
    told.takes = False
    told.hear("cloud", Upserts((WEB,)))
    told.takes = True
    told.hear("cloud", Upserts((DB,)))
    assert told.said == [(), ("10.0.0.1",)]


def test_one_without_an_address_that_ssh_may_have_is_left_out() -> None:
    told = Told("name:web-*")
    told.engine()
    told.hear("cloud", Upserts((replace(WEB, private_ip="-oProxyCommand=x"),)))
    assert told.said == [()]


def test_a_filter_that_is_none_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(RulesError, match="nope") as caught:
        Told("nope>3")
    assert caught.value.keys == ("start", "follow")


def test_it_asks_for_the_provider() -> None:
    launch = choose(Arguments(inventories=("x",)), Config(start=Start(follow="name:a")), {"HOME": "/nowhere"})
    options = {choice.name: choice.options for choice in launch.hello.providers}
    assert options["ssh"] == {"follow": True}


async def test_a_machine_of_an_inventory_is_a_host_too(
    farm: Farm, home: Path, managed: Server, tmp_path: Path
) -> None:
    farm.knows(managed)
    inventory = tmp_path / "hosts.yaml"
    inventory.write_text(f"hosts:\n  - {{name: web-1, address: 127.0.0.1, port: {managed.port}}}\n")
    config = Config(start=Start(follow="name:web-*"))
    launch = choose(Arguments(inventories=(str(inventory),)), config, {"HOME": str(tmp_path)})
    app = Quarterdeck(connect(launch.hello), launch)
    async with app.run_test(size=(160, 50)) as pilot:
        session = Session(app, pilot)
        await until(lambda: [row for row in session.rows("host") if "web-1" in row], seconds=30)
