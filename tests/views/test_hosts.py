"""Linux servers and their failed units as rows: what is said, what is trouble, what can be asked."""

from __future__ import annotations

from typing import Any

import pytest

from console.fleet import Fleet, Item
from console.query import compile_query
from console.views import VIEWS, kind_called
from console.views.order import Order
from console.views.vitals import trouble
from providers.model import About, Complete, Disk, Instance, LinuxHost, Node, Owner, Record, Ref, SourceInfo
from providers.stream import Frame
from tests.fleet.worlds import upsert

NOW = 1_000_000.0
GIB = 1 << 30
UP: dict[str, Any] = {
    "state": "up", "since": NOW - 50, "booted": NOW - 12 * 86400, "load": (9.9, 1.5, 1.0), "cpus": 4,
    "memory": 16 * GIB, "memory_available": 8 * GIB, "units": "running", "kernel": "6.1.0-28-amd64",
    "disks": (Disk(path="/", size=100, used=40, inodes_used=0.1), Disk(path="/var", size=100, used=60)),
}  # fmt: skip


def item(**facts: Any) -> Item:
    return of(Fleet(), **facts)


def of(fleet: Fleet, **facts: Any) -> Item:
    fleet.apply(Frame(1.0, "ssh", About(SourceInfo(name="ssh", provider="ssh", kinds=("host", "unit")))))
    fleet.apply(upsert("ssh", LinuxHost(uid="a", name="web-1", **facts)))
    fleet.apply(Frame(1.0, "ssh", Complete("host")))
    found = fleet.item(Ref("ssh", "host", "a"))
    assert found is not None
    return found


def cell(host: Item, key: str) -> tuple[str, str]:
    column = VIEWS["host"].column(key)
    assert column is not None
    text, tone = column.cell(host, NOW)
    return text, tone


def test_one_that_is_well() -> None:
    host = item(**UP)
    assert cell(host, "state") == ("● up", "good")
    assert cell(host, "load") == ("1.50", "")
    assert cell(host, "mem") == ("50%", "")
    assert cell(host, "disk") == ("60% /var", "")
    assert cell(host, "age") == ("12d", "dim")
    assert cell(host, "units") == ("0", "dim")
    assert cell(host, "kernel") == ("6.1.0-28-amd64", "")


@pytest.mark.parametrize(("key", "descending"), [("state", False), ("name", False), ("name", True)])
def test_web_2_comes_before_web_10(key: str, descending: bool) -> None:
    fleet = Fleet()
    of(fleet, **UP)
    for name in ("web-10", "web-2", "web-07"):
        fleet.apply(upsert("ssh", LinuxHost(uid=name, name=name, **UP)))
    order = Order(VIEWS["host"], key, descending)
    names = [each.name for each in sorted(fleet.items("host"), key=order.keys)]
    assert names == ["web-1", "web-2", "web-07", "web-10"][:: -1 if descending else 1]


@pytest.mark.parametrize(
    ("facts", "words", "counted", "severity"),
    [
        ({"disks": (Disk(path="/", size=100, used=90),)}, "◐ up · / 90%", "with a full disk", 2),
        ({"disks": (Disk(path="/", size=100, used=98),)}, "◐ up · / 98%", "with a full disk", 3),
        ({"disks": (Disk(path="/", size=100, used=9, inodes_used=0.91),)}, "◐ up · / inodes 91%",
         "with a full disk", 2),
        ({"memory_available": GIB // 2}, "◐ up · memory", "short of memory", 2),
        ({"load": (0.0, 16.1, 0.0)}, "◐ up · load", "overloaded", 2),
        ({"failed_units": ("nginx.service",)}, "◐ up · 1 unit failed", "with failed units", 2),
        ({"reboot_pending": True}, "⟳ up · reboot", "to reboot", 1),
        ({"state": "unreachable", "since": NOW - 40}, "✕ unreachable 40s", "unreachable", 3),
        ({"state": "refused", "since": NOW - 40}, "✕ refused 40s", "refused", 3),
        ({"state": "unverified", "since": NOW - 40}, "✕ unverified 40s", "unverified", 3),
        ({"state": "unreadable", "since": NOW - 40}, "✕ unreadable 40s", "unreadable", 2),
        ({"state": ""}, "? not asked yet", "not asked yet", 1),
    ],
)  # fmt: skip
def test_what_is_trouble(facts: dict[str, Any], words: str, counted: str, severity: int) -> None:
    host = item(**{**UP, **facts})
    how = trouble(host)
    assert (cell(host, "state")[0], how.counted, how.severity) == (words, (counted,), severity)
    assert counted in VIEWS["host"].counted


def test_the_limits_are_where_they_are_said_to_be() -> None:
    edge = {"disks": (Disk(path="/", size=1000, used=899, inodes_used=0.899),), "load": (99.0, 16.0, 99.0)}
    assert trouble(item(**{**UP, **edge, "memory_available": 16 * GIB // 20 + 1})).severity == 0


def test_what_is_not_known_is_neither_zero_nor_trouble() -> None:
    host = item(state="up")
    assert [cell(host, key)[0] for key in ("load", "mem", "disk", "age", "units", "kernel")] == ["–"] * 6
    assert trouble(host).severity == 0
    for query in ("load<99", "mem<99%", "disk<99%", "units<99", "uptime>0s", "!reboot:yes"):
        assert not compile_query(query, "host", NOW).matches(host), query


def test_one_that_is_down_shows_what_was_known_dimmed_and_answers_no_question_about_it() -> None:
    host = item(**{**UP, "state": "unreachable", "asked": NOW - 3600, "failed_units": ("a.service",)})
    assert cell(host, "load") == ("1.50", "dim")
    assert cell(host, "units") == ("1 a.service", "dim")
    assert cell(host, "age") == ("11d", "dim"), "its clock stands since it last answered"
    for query in ("load>0", "disk>1%", "failed:a", "uptime>1s"):
        assert not compile_query(query, "host", NOW).matches(host), query
    assert ("below", "as it was 60m ago") in said(host, Fleet())


@pytest.mark.parametrize(
    "query",
    [
        "load>1", "disk>59%", "disk>=60", "mem:50%", "inodes<11%", "failed:nginx", "state:up", "uptime>11d",
        "kernel:6.1", "reboot:no", "web", "units:1", "tag:role=db", 'mount:"/var"', "cpus:4", "os:debian",
        "id:i-0abc", "!state:unreachable",
    ],
)  # fmt: skip
def test_what_can_be_asked(query: str) -> None:
    more = {"failed_units": ("nginx.service",), "reboot_pending": False, "tags": (("role", "db"),)}
    host = item(**{**UP, **more, "os": "Debian 12", "machine": "i-0abc"})
    assert compile_query(query, "host", NOW).matches(host)


def said(host: Item, fleet: Fleet) -> list[tuple[str, str]]:
    sections = VIEWS["host"].details(host, fleet, NOW)
    return [(label, cell.text) for section in sections for label, cell in section.facts]


def test_its_details_lead_to_its_instance_its_node_and_its_units() -> None:
    fleet = Fleet()
    info, place = SourceInfo(name="aws", provider="aws", kinds=("instance",)), "aws:///z/i-0abc"
    fleet.apply(Frame(1.0, "aws", About(info)))
    fleet.apply(upsert("aws", Instance(uid="i-0abc", name="shop", state="running", provider_id=place)))
    fleet.apply(upsert("prod", Node(uid="n", name="n1", provider_id=place)))
    unit = Record(
        kind="unit", uid="a/nginx.service", name="nginx.service", created=NOW - 90,
        owner=Owner("Host", "web-1", "a"),
        cells=("web-1", "failed", "exit-code", "1", "A web server", ""),
    )  # fmt: skip
    fleet.apply(upsert("ssh", unit))
    host = of(fleet, **{**UP, "machine": "i-0abc", "failed_units": ("nginx.service",)})
    facts = said(host, fleet)
    assert ("instance", "i-0abc · shop in aws · node n1") in facts
    assert ("nginx.service", "failed · exit-code · for 90s") in facts
    assert ("load", "9.90 1.50 1.00 over 1, 5 and 15 minutes") in facts
    assert ("/var", "60% of 100") in facts


def test_a_unit_is_a_row_that_is_trouble_and_leads_to_its_host() -> None:
    fleet = Fleet()
    host = of(fleet, **UP)
    fleet.apply(
        upsert("ssh", Record(kind="unit", uid="u", name="a.service", owner=Owner("Host", "web-1", "a"),
                             cells=("web-1", "failed", "", "", "", "")))
    )  # fmt: skip
    unit = fleet.item(Ref("ssh", "unit", "u"))
    assert unit is not None
    view = VIEWS["unit"]
    assert view.trouble(unit).severity == 2
    assert view.leads_to(unit) == host.ref


def test_hosts_and_units_are_called_by_their_names() -> None:
    fleet = Fleet()
    assert [kind_called(word, fleet) for word in ("host", "hosts", "unit", "units")] == ["host"] * 2 + [
        "unit"
    ] * 2
