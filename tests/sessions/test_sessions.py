"""Sessions in the engine, on ways whose every step is scripted: choosing, credit, refusals, audit, ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from providers.contract import Problem, Refused
from providers.engine import offers
from providers.engine.asking import SESSION
from providers.engine.sessions import MOST, MOST_CONNECTIONS
from providers.model import Field, Ref, Target
from providers.sessions import Ending, Session, Size
from providers.stream import (
    TERMINAL_WINDOW,
    WINDOW,
    Closed,
    Input,
    Offered,
    Open,
    Question,
    Reply,
    Resize,
    Shut,
    Taken,
    Upserts,
    Ways,
)
from providers.ways import Where
from tests.engine.strange import Of, listing, pod
from tests.engine.strange import Scripted as Source
from tests.sessions.console import TARGET, Shells
from tests.sessions.scripted import Line, Scripted

Make = Callable[..., Shells]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A console whose engine has these ways and no other."""

    def console(*ways: Scripted, **settings: object) -> Shells:
        monkeypatch.setattr("providers.engine.sessions.discover", lambda: ways)
        return Shells("steady", audit_path=tmp_path / "audit.jsonl", **settings)

    return console


async def offered(console: Shells, target: Target = TARGET) -> Offered:
    console.say(Ways(id=9, target=target))
    return await console.until_said(Offered)  # type: ignore[no-any-return]


# ---- choosing ----------------------------------------------------------------------------------------


async def test_every_way_is_offered_the_open_ones_first_and_of_those_the_preferred(make: Make) -> None:
    ways = (Scripted("a"), Scripted("b", refused="no key"), Scripted("c"), Scripted("d", purpose="forward"))
    async with make(*ways) as console:
        told = await offered(console, Target(ref=TARGET.ref, label="n", prefer=("b", "c")))
        assert [(offer.way, offer.refused) for offer in told.offers] == [
            ("c", ""),
            ("a", ""),
            ("b", "no key"),
        ]


async def test_what_goes_wrong_in_one_way_is_its_own_refusal(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "ASK_SECONDS", 0.05)
    ways = (
        Scripted("a", error=ZeroDivisionError("oops\x1b")),
        Scripted("b", error=Problem("no\x1bnet", "wait")),
        Scripted("c", hangs=True),
        Scripted("d"),
    )
    async with make(*ways) as console:
        told = {offer.way: offer for offer in (await offered(console)).offers}
        assert "internal error: ZeroDivisionError: oops␛" in told["a"].refused
        assert (told["b"].refused, told["b"].remedy) == ("no␛net", "wait")
        assert "did not answer" in told["c"].refused
        assert not told["d"].refused


async def test_the_first_open_way_is_taken_without_waiting_for_the_others(make: Make) -> None:
    ways = (Scripted("a", refused="shut"), Scripted("b"), Scripted("c", hangs=True))
    async with make(*ways) as console:
        assert (await console.opened(1)).way == "b"


async def test_a_way_that_leaves_something_behind_is_never_taken_by_itself(make: Make) -> None:
    ways = (Scripted("debug", typed="n1"), Scripted("ssh", refused="no address"))
    async with make(*ways) as console:
        console.say(Open(id=1, target=TARGET))
        assert "no address" in (await console.closed(1)).detail
        console.say(Open(id=2, target=TARGET, way="debug", typed="n2"))
        assert "type n1" in (await console.closed(2)).detail
        assert not ways[0].opened
        assert (await console.opened(3, way="debug", typed="n1")).way == "debug"
        assert not [entry for entry in console.entries() if "debug" not in entry.sent]


async def test_the_choice_and_the_arguments_reach_the_way(make: Make) -> None:
    way = Scripted("exec", choices=("web", "sidecar"))
    async with make(way) as console:
        await console.opened(1, way="exec", choice="sidecar", columns=90, rows=20, arguments=("80",))
        assert way.opened == [("sidecar", Size(90, 20), ("80",))]
        console.say(Open(id=2, target=TARGET, way="exec", choice="no such"))
        assert "'exec no such'" in (await console.closed(2)).detail


async def test_what_was_chosen_and_is_gone_by_now_is_said_to_be_gone(make: Make) -> None:
    async with make(Scripted("exec", error=Refused("the pod is gone"))) as console:
        console.say(Open(id=1, target=TARGET, way="exec", choice="web"))
        assert (await console.closed(1)).detail == "exec: the pod is gone"


async def test_nothing_leads_there(make: Make) -> None:
    async with make(Scripted("ssh")) as console:
        console.say(Open(id=1, target=Target(ref=Ref("steady", "pod", "p"), label="pod p")))
        closed = await console.closed(1)
        assert (closed.status, closed.detail) == (None, "there is no way into pod p")


# ---- what may not be ---------------------------------------------------------------------------------


async def test_a_read_only_engine_opens_logs_alone(make: Make) -> None:
    shell, logs = Scripted("ssh"), Scripted("logs", purpose="logs")
    async with make(shell, logs, read_only=True) as console:
        assert "read-only" in (await offered(console)).offers[0].refused
        for number, purpose in enumerate(("shell", "attach", "forward", "put", "get"), 1):
            console.say(Open(id=number, target=TARGET, purpose=purpose))  # type: ignore[arg-type]
            assert "read-only" in (await console.closed(number)).detail
        assert not shell.opened
        await console.opened(7, purpose="logs")
        assert console.entries() == []


async def test_the_65th_session_is_refused_and_another_may_follow_one_that_ends(make: Make) -> None:
    way = Scripted("ssh", opening=_new_line)
    async with make(way) as console:
        for number in range(1, MOST + 1):
            await console.opened(number)
        console.say(Open(id=100, target=TARGET))
        assert f"{MOST} sessions" in (await console.closed(100)).detail
        console.say(Shut(id=1))
        await console.closed(1)
        await console.opened(101)


async def test_connections_through_forwards_leave_shells_their_room(make: Make) -> None:
    port = Scripted("forward", purpose="forward", opening=_new_line)
    async with make(port, Scripted("ssh")) as console:
        for number in range(1, MOST_CONNECTIONS + 1):
            await console.opened(number, purpose="forward")
        console.say(Open(id=1000, target=TARGET, purpose="forward"))
        assert f"{MOST_CONNECTIONS} connections" in (await console.closed(1000)).detail
        await console.opened(1001)


async def _new_line(where: Where, size: Size) -> Session:
    return Line()


async def test_nothing_is_opened_that_cannot_be_recorded(make: Make, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    began = []

    async def opening(where: Where, size: Size) -> Session:
        await where.sends("ssh -- n1")
        began.append(size)
        return Line()

    silent = Scripted("silent")
    async with make(Scripted("ssh", opening=opening), silent) as console:
        console.say(Open(id=1, target=TARGET, way="ssh"), Open(id=2, target=TARGET, way="silent"))
        console.type(2, "rm -rf /")
        for number in (1, 2):
            closed = await console.closed(number)
            assert "can't be written" in closed.detail
            assert "nothing was opened" in closed.detail
            assert "[audit] path" in closed.remedy
        assert not began
        assert silent.line.closed
        assert not silent.line.told


# ---- the audit ---------------------------------------------------------------------------------------


async def test_the_intent_is_on_disk_before_anything_is_sent_and_the_outcome_has_the_status(
    make: Make,
) -> None:
    seen: list[str] = []
    line = Line("ssh -- n1 token=abc")
    line.ending = Ending(3, "logged out")

    async def opening(where: Where, size: Size) -> Session:
        await where.sends(line.sent, "ada")
        seen.extend(entry.sent for entry in console.entries())
        return line

    async with make(Scripted("ssh", opening=opening)) as console:
        await console.opened(1)
        line.says.put_nowait(b"")
        assert (await console.closed(1)).status == 3
        intent, outcome = console.entries()
        assert seen == ["ssh -- n1 token=[withheld]"] == [intent.sent]
        assert (intent.action, intent.identity, intent.object.name) == ("shell", "ada", "n1")
        assert (outcome.id, outcome.result, outcome.detail) == (intent.id, "exit status 3", "logged out")


async def test_a_session_that_is_cut_says_so(make: Make) -> None:
    async with make(Scripted("ssh")) as console:
        await console.opened(1)
        console.say(Shut(id=1), Shut(id=1))
        closed = await console.closed(1)
        assert (closed.status, closed.detail) == (None, "it was closed by hand")
        assert (console.entries()[-1].result, console.entries()[-1].detail) == ("cut", closed.detail)


async def test_the_console_goes_and_every_session_ends_and_is_recorded(make: Make) -> None:
    way = Scripted("ssh", opening=_new_line)
    console = make(way)
    async with console:
        for number in range(1, 6):
            await console.opened(number)
    outcomes = [entry for entry in console.entries() if entry.phase == "outcome"]
    assert [(entry.result, entry.detail) for entry in outcomes] == [("cut", "the console is gone")] * 5


async def test_a_source_stays_until_its_sessions_have_removed_what_they_made(make: Make) -> None:
    class Held(Source):
        closed = False

        async def close(self) -> None:
            self.closed = True

    class Slow(Line):
        async def close(self) -> None:
            await asyncio.sleep(0.42)  # the removal's answer comes late, and only while the source is there
            removed.append(not source.closed)
            await super().close()

    source, removed = Held("steady", [listing("a")]), list[bool]()

    async def opening(where: Where, size: Size) -> Session:
        return Slow()

    async with make(Scripted("debug", opening=opening), load=lambda name: Of(name, [source])) as console:
        await console.opened(1, way="debug")
    assert (removed, source.closed) == ([True], True)


async def test_a_way_that_fails_to_open_is_told_and_recorded_once_it_sent_something(make: Make) -> None:
    async def opening(where: Where, size: Size) -> Session:
        await where.sends("ssh -- n1")
        raise Refused("no\x1bshell", "take another")

    async with make(Scripted("ssh", opening=opening)) as console:
        console.say(Open(id=1, target=TARGET))
        closed = await console.closed(1)
        assert (closed.detail, closed.remedy) == ("no␛shell", "take another")
        assert [entry.result for entry in console.entries()] == ["", "failed"]


async def test_shut_together_with_open_is_an_end(make: Make) -> None:
    async with make(Scripted("ssh", hangs=True)) as console:
        console.say(Open(id=1, target=TARGET), Shut(id=1))
        assert (await console.closed(1)).detail == "it was closed by hand"
        assert console.entries() == []


# ---- the bytes ---------------------------------------------------------------------------------------


async def test_no_more_than_a_window_is_on_its_way_until_it_is_taken(make: Make) -> None:
    way = Scripted("ssh")
    async with make(way) as console:
        console.taking = False
        await console.opened(1)
        for _ in range(20):
            way.line.says.put_nowait(b"x" * 50_000)
        await console.until(lambda: len(console.said.get(1, b"")) == TERMINAL_WINDOW)
        console.say(Ways(id=5, target=TARGET))
        await console.until_said(Offered)
        assert len(console.said[1]) == TERMINAL_WINDOW
        assert way.line.reads <= TERMINAL_WINDOW + 50_000
        console.say(Taken(id=1, count=10), Taken(id=1, count=-5))
        await console.until(lambda: len(console.said[1]) == TERMINAL_WINDOW + 10)
        console.taking = True
        console.say(Taken(id=1, count=TERMINAL_WINDOW))
        await console.until(lambda: len(console.said[1]) == 1_000_000)


async def test_input_is_taken_as_the_session_takes_it_and_never_more_than_a_window(make: Make) -> None:
    way = Scripted("ssh")
    way.line = Line(slow=True)
    async with make(way) as console:
        await console.opened(1)
        for _ in range(4):
            console.say(Input(id=1, data=b"y" * (WINDOW // 4)))
        console.say(Ways(id=5, target=TARGET))
        await console.until_said(Offered)
        assert not [body for body in console.bodies() if isinstance(body, Taken)]
        way.line.listens.set()
        await console.until(lambda: sum(b.count for b in console.bodies() if isinstance(b, Taken)) == WINDOW)
        assert len(way.line.told) == WINDOW
        way.line.listens.clear()
        console.say(Input(id=1, data=b"y" * WINDOW), Input(id=1, data=b"z"))
        assert "more than it may" in (await console.closed(1)).detail


async def test_what_is_typed_before_it_is_open_reaches_it_and_so_does_the_size(make: Make) -> None:
    goes_on = asyncio.Event()
    line = Line()

    async def opening(where: Where, size: Size) -> Session:
        await goes_on.wait()
        return line

    way = Scripted("ssh", opening=opening)
    async with make(way) as console:
        console.say(Open(id=1, target=TARGET), Input(id=1, data=b"ls\n"), Resize(id=1, columns=70, rows=9))
        console.say(Input(id=1, data=b"", end=True), Ways(id=5, target=TARGET))
        await console.until_said(Offered)
        goes_on.set()
        await console.until(lambda: line.said_end)
        assert bytes(line.told) == b"ls\n"
        # It was opened with the size of before, or with that of now.
        assert [way.opened[0][1], *line.sizes][-1] == Size(70, 9)


async def test_an_echo_overtakes_a_flood_of_objects_and_does_not_stop_it(make: Make) -> None:
    flood = [Upserts(tuple(pod(f"p{number}-{each}") for each in range(400))) for number in range(100)]
    source = Source("lab", [[*listing("a"), *flood]])
    way = Scripted("ssh")
    console = make(way, load=lambda name: Of("steady", [source]), pace=0.2)
    async with console:
        await console.opened(1)
        before = len(console.frames)
        way.line.says.put_nowait(b"e")
        await console.shows(1, "e")
        told = [frame.body for frame in console.frames[before:] if isinstance(frame.body, Upserts)]
        # Of 40,000: what stood in the pipe already, for as long as this process did not read.
        assert sum(len(body.objects) for body in told) <= 10_000
        way.line.says.put_nowait(b"x" * 10_000_000)
        await console.until(
            lambda: sum(len(b.objects) for b in console.bodies("lab") if isinstance(b, Upserts)) > 30_000
        )


async def test_a_fault_of_a_session_is_its_end_in_words(make: Make) -> None:
    class Broken(Line):
        async def write(self, data: bytes) -> None:
            raise ZeroDivisionError("oops")

    way = Scripted("ssh")
    way.line = Broken()
    async with make(way) as console:
        await console.opened(1)
        console.type(1, "x")
        assert "internal error: ZeroDivisionError" in (await console.closed(1)).detail
        assert way.line.closed


# ---- questions ---------------------------------------------------------------------------------------


async def test_a_question_names_the_sessions_that_wait_and_is_asked_once(make: Make) -> None:
    answers: list[object] = []

    async def opening(where: Where, size: Size) -> Session:
        answers.append(await where.asker.ask("Passphrase", ["of k\x1bey"], [Field(text="it")]))
        return Line()

    async with make(Scripted("ssh", opening=opening)) as console:
        console.say(Open(id=1, target=TARGET), Open(id=2, target=TARGET))
        question = await console.until(
            lambda: next(
                (b for b in console.bodies() if isinstance(b, Question) and len(b.sessions) == 2), None
            )
        )
        assert question.lines == ("of k␛ey",)
        assert set(question.sessions) == {1, 2}
        console.say(Reply(id=question.id, answers=("secret",)), Reply(id=question.id, answers=("late",)))
        await console.until(lambda: len(answers) == 2)
        assert answers == [["secret"], ["secret"]]
        assert len({b.id for b in console.bodies() if isinstance(b, Question)}) == 1


async def test_questions_come_one_at_a_time_and_a_session_that_ends_asks_no_more(make: Make) -> None:
    async def opening(where: Where, size: Size) -> Session:
        if await where.asker.ask(f"Is it you, {SESSION.get()}?", []) is None:
            raise Refused("nobody said yes")
        return Line()

    async with make(Scripted("ssh", opening=opening)) as console:
        console.say(*(Open(id=number, target=TARGET) for number in (1, 2, 3)))
        first = await console.until_said(Question)
        console.say(Ways(id=5, target=TARGET))
        await console.until_said(Offered)
        assert [b.title for b in console.bodies() if isinstance(b, Question)] == ["Is it you, 1?"]
        console.say(Shut(id=2))
        assert isinstance(await console.closed(2), Closed)
        console.say(Reply(id=first.id, answers=()))
        third = await console.until(
            lambda: next((b for b in console.bodies() if isinstance(b, Question) and b.id != first.id), None)
        )
        assert third.title == "Is it you, 3?"
        console.say(Reply(id=third.id, answers=None))
        assert (await console.closed(3)).detail == "nobody said yes"
