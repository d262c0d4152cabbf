"""Hosts asked again and again: states with their reasons, pauses, what is said and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from providers.contract import Problem
from providers.model import Batch, Deletes, Heard, LinuxHost, Ref, Target, Upserts
from providers.sessions import Completed, Unverified
from providers.ssh import polling
from providers.ssh.listing import Wanted
from providers.ssh.polling import Polling, pause
from tests.waiting import until

from .scripted import Reply, Scripted, output


class Clock:
    def __init__(self) -> None:
        self.now = 1_768_443_247.0

    def __call__(self) -> float:
        return self.now


def wanted(*names: str) -> list[Wanted]:
    return [Wanted(target=Target(ref=Ref("ssh", "host", n), label=n, name=n, host=n)) for n in names]


async def take(life: Polling, enough: Callable[[list[Batch]], bool]) -> list[Batch]:
    """Everything that is said until it is enough."""
    said: list[Batch] = []
    async with asyncio.timeout(10):
        while not enough(said):
            said += await life.news(10)
    return said


def hosts(said: list[Batch]) -> dict[str, LinuxHost]:
    objects = [obj for batch in said if isinstance(batch, Upserts) for obj in batch.objects]
    return {obj.uid: obj for obj in objects if isinstance(obj, LinuxHost)}


async def first(life: Polling) -> dict[str, LinuxHost]:
    return hosts([batch async for batch in life.first_round()])


def answering(reply: Callable[[], Reply]) -> Scripted:
    return Scripted(lambda host, stdin: reply())


@pytest.mark.parametrize(
    ("reply", "state", "detail", "remedy"),
    [
        (Problem("a: does not answer", "is it on?"), "unreachable", "a: does not answer", "is it on?"),
        (Problem("a: the login is refused", "which key?", state="denied"), "refused", "the login", "which"),
        (Unverified("a: its host key is not known: SHA256:x", "ssh-keyscan a"), "unverified", "SHA256:x",
         "press s and accept it there, or ssh-keyscan a"),
        (Unverified("a: its host key is NOT the one", "ssh-keygen -R a", state="denied"), "unverified", "NOT",
         "ssh-keygen -R a"),
        (Completed(exit_status=1, stdout=b"% Unknown command\n"), "unreadable", "Unknown command", "with s"),
        (Completed(exit_status=0), "unreadable", "is silent", "with s"),
        (Completed(exit_status=None, error="no end within 25 s"), "unreachable", "no end within 25 s", ""),
    ],
)  # fmt: skip
async def test_why_a_host_is_not_up(reply: Reply, state: str, detail: str, remedy: str) -> None:
    life = Polling(answering(lambda: reply), 30.0, now=Clock())
    life.look_after(wanted("a"))
    host = (await first(life))["a"]
    await life.close()
    assert host.state == state
    assert detail in host.detail
    assert remedy in host.remedy
    assert (host.load, host.memory, host.disks, host.asked) == ((), None, (), None)


async def test_an_unchanged_answer_is_only_heard() -> None:
    clock = Clock()
    life = Polling(answering(lambda: output("debian")), 30.0, now=clock)
    life.look_after(wanted("a"))
    found = await first(life)
    assert (found["a"].state, found["a"].since, found["a"].asked) == ("up", clock.now, clock.now)
    clock.now += 3.0
    life.wake("a")
    assert await take(life, bool) == [Heard()]
    await life.close()


async def test_one_that_is_lost_keeps_what_was_known_and_when_it_last_answered() -> None:
    clock, replies = Clock(), [output("debian"), output("debian")]
    reach = answering(lambda: replies.pop() if replies else Problem("a: gone"))
    life = Polling(reach, 30.0, now=clock)
    life.look_after(wanted("a"))
    up = (await first(life))["a"]
    clock.now += 3.0
    life.wake()
    await take(life, bool)
    clock.now += 60.0
    life.wake()
    down = hosts(await take(life, lambda said: "a" in hosts(said)))["a"]
    assert (down.state, down.since, down.asked) == ("unreachable", clock.now, clock.now - 60.0)
    assert (down.load, down.disks, down.failed_units) == (up.load, up.disks, up.failed_units)
    clock.now += 60.0
    life.wake()
    assert await take(life, bool) == [Heard()]
    await life.close()


async def test_an_answer_that_is_cut_short_forgets_no_unit() -> None:
    whole = output("debian")
    replies: list[Reply] = [
        Completed(exit_status=None, stdout=whole[: whole.index(b"@ systemd")], error="no end within 25 s"),
        whole,
    ]
    life = Polling(answering(replies.pop), 30.0, now=Clock())
    life.look_after(wanted("a"))
    await first(life)
    life.wake()
    said = await take(life, lambda said: "a" in hosts(said))
    host = hosts(said)["a"]
    assert (host.state, host.detail, host.units) == ("up", "no end within 25 s", "")
    assert host.failed_units == ("backup@home-ada.service", "nginx.service")
    assert not [batch for batch in said if isinstance(batch, Deletes)]
    await life.close()


async def test_units_come_and_go_with_their_state_and_their_host() -> None:
    replies = [output("debian").replace(b"Id=nginx.service", b"Id=-"), output("debian")]
    life = Polling(answering(replies.pop), 30.0, now=Clock())
    life.look_after(wanted("a"))
    await first(life)
    life.wake()
    said = await take(life, bool)
    assert Deletes("unit", ("a/nginx.service",)) in said
    life.look_after([])
    said = await take(life, bool)
    assert said == [Deletes("host", ("a",)), Deletes("unit", ("a/backup@home-ada.service",))]
    await life.close()


async def test_only_so_many_are_asked_at_once_and_nobody_is_left_out() -> None:
    names = [f"h{number}" for number in range(60)]
    reach = answering(lambda: output("alpine"))
    life = Polling(reach, 30.0, now=Clock(), at_once=7)
    life.look_after(wanted(*names))
    found = await first(life)
    assert reach.most_at_once == 7
    assert {host.state for host in found.values()} == {"up"}
    assert set(found) == set(names)
    await life.close()


async def test_a_host_that_hangs_does_not_hold_up_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FIRST_ROUND", 0.05)
    reach = answering(lambda: output("alpine"))
    reach.held = asyncio.Event()
    life = Polling(reach, 30.0, now=Clock())
    life.look_after(wanted("a"))
    assert (await first(life))["a"].state == ""
    before = asyncio.all_tasks()
    await life.close()
    assert len(asyncio.all_tasks()) == len(before) - 1


async def test_a_fault_of_ours_is_told_on_its_host_alone() -> None:
    def reply(host: str, stdin: bytes) -> Reply:
        if host == "a":
            raise KeyError("x")
        return output("alpine")

    life = Polling(Scripted(reply), 30.0, now=Clock())
    life.look_after(wanted("a", "b"))
    found = await first(life)
    assert (found["a"].state, found["b"].state) == ("unreachable", "up")
    assert "KeyError" in found["a"].detail
    await life.close()


async def test_a_host_that_changes_its_login_is_another_connection_and_the_same_row() -> None:
    reach = answering(lambda: output("alpine"))
    life = Polling(reach, 30.0, now=Clock())
    life.look_after(wanted("a"))
    await first(life)
    moved = Target(ref=Ref("ssh", "host", "a"), label="a", name="a", host="b")
    life.look_after([Wanted(target=moved)])
    said = await take(life, lambda said: any(host.state == "up" for host in hosts(said).values()))
    assert not [batch for batch in said if isinstance(batch, Deletes)]
    await until(lambda: [host for host, _ in reach.asked] == ["a", "b"])
    await life.close()


def test_pauses_are_out_of_step_and_grow_with_trouble() -> None:
    assert pause("up", 0, 30.0, 0.0) == 27.0
    assert pause("up", 0, 30.0, 1.0) == pytest.approx(33.0)
    grown = [pause("unreachable", failures, 30.0, 0.5) for failures in (1, 2, 3, 9, 99)]
    assert grown == [30.0, 60.0, 120.0, 300.0, 300.0]
    assert pause("unverified", 50, 30.0, 0.5) == 120.0
    assert [pause("refused", failures, 30.0, 0.5) for failures in (1, 99)] == [300.0, 1800.0]
