"""A server with a console on a socket pair: commands answered, failures apart, a slow console served."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from providers.channel import Channel
from providers.contract import Problem, Provider
from providers.engine.server import Server
from providers.model import (
    About,
    Batch,
    Began,
    Complete,
    Deletes,
    Finding,
    Health,
    Pod,
    Ref,
    SourceInfo,
    Upserts,
)
from providers.registry import load as load_installed
from providers.stream import (
    Beat,
    Bye,
    Confirm,
    Diagnose,
    Document,
    Failed,
    Fetch,
    Findings,
    Frame,
    Gone,
    Hello,
    Propose,
    ProviderChoice,
    Refresh,
    Verify,
    Welcome,
)
from providers.wire import Reader, WireError, Writer
from tests.engine.strange import END, Of, Scripted, listing, load, pod


class Console:
    """The other end: says hello, gathers frames by source, and can stop reading."""

    patience = 5.0
    """Seconds that until() waits."""

    def __init__(self, *providers: str, load: Callable[[str], Provider] = load, **settings: Any) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours.fileno(), ours.detach())
        self.writer, self.reader = Writer(), Reader[Frame](Frame)
        self.server = Server(
            Channel(theirs.fileno(), theirs.detach()), load, version="1.2.3", **({"pace": 0.0} | settings)
        )
        self.serving = asyncio.create_task(self.server.serve())
        self.frames: list[Frame] = []
        self.hello(*providers)

    def hello(self, *providers: str, **fields: Any) -> None:
        choices = tuple(ProviderChoice(name) for name in providers)
        self.say(Hello(version="1", providers=choices, **fields))

    def say(self, *commands: Any) -> None:
        self.channel.post(self.writer.write(commands))

    async def read(self) -> bool:
        data = await self.channel.read()
        self.frames += self.reader.feed(data)
        return bool(data)

    def bodies(self, source: str = "") -> list[Any]:
        return [frame.body for frame in self.frames if frame.source == source]

    async def until(self, true: Callable[[], Any]) -> Any:
        async with asyncio.timeout(self.patience):
            while not (found := true()):
                assert await self.read(), f"the server ended: {self.frames}"
            return found

    async def until_said(self, type_: type, source: str = "") -> Any:
        """The first such body of that source."""
        return await self.until(lambda: next((b for b in self.bodies(source) if isinstance(b, type_)), None))

    async def until_state(self, source: str, state: str) -> Health:
        def found() -> Health | None:
            healths = [b for b in self.bodies(source) if isinstance(b, Health) and not b.kind]
            return healths[-1] if healths and healths[-1].state == state else None

        return await self.until(found)  # type: ignore[no-any-return]

    async def __aenter__(self) -> Console:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.channel.close()
        async with asyncio.timeout(2):
            await asyncio.gather(self.serving, return_exceptions=True)


def providing(*sources: Any) -> Callable[[str], Provider]:
    """A loader that knows one provider, of these sources."""
    return lambda name: Of(name, sources)


async def test_the_first_frame_is_the_welcome_with_the_actions() -> None:
    async with Console("steady") as console:
        await console.until_state("steady", "live")
        welcome = console.frames[0].body
        assert isinstance(welcome, Welcome)
        assert welcome.version == "1.2.3"
        assert {"cordon", "uncordon", "restart"} <= {spec.name for spec in welcome.actions}
        assert not welcome.read_only
        assert welcome.audit_path


async def test_a_fleet_arrives_whole_and_in_order() -> None:
    async with Console("steady") as console:
        await console.until_state("steady", "live")
        told = console.bodies("steady")
        assert isinstance(told[0], About)
        assert [b for b in told if not isinstance(b, About | Health)] == listing("a", "b")
        assert isinstance(told[-1], Health)


async def test_beats_come_by_themselves_and_say_who_was_heard() -> None:
    async with Console("steady", beat=0.01) as console:
        await console.until_state("steady", "live")
        await console.until(
            lambda: any(isinstance(b, Beat) and "steady" in b.heard for b in console.bodies())
        )
        await console.until(lambda: sum(isinstance(b, Beat) for b in console.bodies()) > 3)


async def test_read_only_reaches_providers_and_refuses_actions_in_the_engine() -> None:
    provider = Of("lab", [Scripted("lab", [listing("a")])])
    async with Console("lab", load=lambda name: provider, read_only=True) as console:
        await console.until_state("lab", "live")
        assert provider.host is not None
        assert provider.host.read_only
        assert (await console.until_said(Welcome)).read_only
        console.say(Propose(id=7, action="restart", refs=(Ref("lab", "pod", "a"),)))
        failed = await console.until_said(Failed)
        assert failed.id == 7
        assert "read-only" in failed.detail.lower()


async def test_an_action_on_what_offers_none_is_refused_in_words() -> None:
    async with Console("steady") as console:
        console.say(
            Propose(id=7, action="restart", refs=(Ref("steady", "pod", "a"),)), Confirm(id=9, typed="y")
        )
        await console.until(lambda: len([b for b in console.bodies() if getattr(b, "id", 0) in (7, 9)]) == 2)


# ---- failures ----------------------------------------------------------------------------------------


async def test_a_provider_that_fails_to_load_is_a_source_that_says_so_and_others_go_on() -> None:
    async with Console("broken", "steady") as console:
        health = await console.until_state("broken", "denied")
        assert "failed to import" in health.detail
        assert health.remedy
        await console.until_state("steady", "live")
        about = next(b for b in console.bodies("broken") if isinstance(b, About))
        assert about.info == SourceInfo(name="broken", provider="broken")


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        (Of("lab", [], Problem("no such file: x", "check it")), "no such file: x"),
        (Of("lab", [], ZeroDivisionError("oops")), "internal error in provider lab: ZeroDivisionError: oops"),
        (Of("lab", []), "names no source"),
        (Of("lab", [object()]), "internal error in provider lab: AttributeError"),  # type: ignore[list-item]
        (object(), "internal error in provider lab: AttributeError"),
    ],
)
async def test_whatever_goes_wrong_in_a_provider_is_its_own(provider: Any, said: str) -> None:
    async with Console(
        "lab", "steady", load=lambda name: load(name) if name == "steady" else provider
    ) as console:
        await console.until_state("steady", "live")
        health = await console.until(
            lambda: next((b for b in console.bodies("lab") if isinstance(b, Health)), None)
        )
        assert said in health.detail


async def test_a_provider_that_is_not_installed_is_named() -> None:
    async with Console("nonesuch", load=load_installed) as console:
        health = await console.until(
            lambda: next((b for b in console.bodies("nonesuch") if isinstance(b, Health)), None)
        )
        assert "'nonesuch'" in health.detail
        assert "demo" in health.remedy


async def test_a_provider_that_comes_back_replaces_its_stand_in() -> None:
    provider = Of("lab", [Scripted("lab-1", [listing("a")])], Problem("not yet", state="denied"))
    async with Console("lab", load=lambda name: provider) as console:
        await console.until_state("lab", "denied")
        provider.error = None
        console.say(Refresh("lab"))
        await console.until_state("lab-1", "live")
        assert isinstance(console.bodies("lab")[-1], Gone)


async def test_one_source_that_fails_again_and_again_costs_the_others_nothing() -> None:
    bad = Scripted("bad", [[*listing("x"), ValueError("x")]])
    async with Console("lab", load=providing(bad, Scripted("good", [listing("a")]))) as console:
        await console.until_state("bad", "lost")
        await console.until_state("good", "live")
        assert [b for b in console.bodies("good") if isinstance(b, Health)][-1].state == "live"


async def test_two_sources_of_one_name_stay_two() -> None:
    first, second = Scripted("lab", [listing("a")]), Scripted("lab", [listing("b")])
    async with Console("scripted", load=providing(first, second)) as console:
        await console.until_state("lab", "live")
        await console.until_state("scripted:lab", "live")
        assert Upserts((pod("a"),)) in console.bodies("lab")
        assert Upserts((pod("b"),)) in console.bodies("scripted:lab")


@pytest.mark.parametrize(
    "bad",
    [Upserts((pod("x", name=7),)), Upserts((pod("x", name="\ud800"),)), Deletes("pod", (1,))],  # type: ignore[arg-type]
)
async def test_what_the_console_could_not_read_is_its_sources_own_error(bad: Any) -> None:
    sources = Scripted("bad", [[*listing("x"), bad]]), Scripted("good", [listing("a")])
    async with Console("lab", load=providing(*sources)) as console:
        health = await console.until_state("bad", "lost")
        assert "internal error in provider scripted" in health.detail
        await console.until_state("good", "live")


async def test_a_provider_chosen_twice_that_fails_is_two_stand_ins() -> None:
    async with Console("broken", "broken") as console:
        await console.until_state("broken", "denied")
        await console.until_state("provider:broken", "denied")
        console.say(Refresh("provider:broken"), Refresh("broken"), Refresh("nonesuch"))
        console.say(Diagnose(1))
        assert len((await console.until_said(Findings)).findings) == 2


# ---- questions ---------------------------------------------------------------------------------------


class Talkative(Scripted):
    """Answers every question."""

    async def manifest(self, ref: Ref) -> str:
        if ref.uid == "gone":
            raise Problem("pod gone is gone", "refresh")
        return f"uid: {ref.uid}\nnote: \x1b[31mred\n"

    async def diagnose(self) -> Sequence[Finding]:
        return [Finding(subject="lab", level="ok", detail="reached as me")]

    async def verify(self) -> Sequence[Finding]:
        raise RuntimeError("no")


async def test_an_answer_that_can_not_be_sent_is_told_as_failed() -> None:
    class Surrogate(Scripted):
        async def diagnose(self) -> Sequence[Finding]:
            return [Finding(subject="lab", level="\ud800", detail="")]  # type: ignore[arg-type]

    async with Console("lab", load=providing(Surrogate("lab", [listing("a")]))) as console:
        await console.until_state("lab", "live")
        console.say(Diagnose(5))
        failed = await console.until_said(Failed)
        assert (failed.id, "can't be sent" in failed.detail) == (5, True)
        console.say(Refresh())
        await console.until(lambda: console.bodies("lab").count(Complete("pod")) == 2)


async def test_fetch_answers_with_a_cleaned_document_or_the_reason() -> None:
    async with Console("lab", load=providing(Talkative("lab", [[]]), Scripted("dumb", [[]]))) as console:
        await console.until_said(About, "lab")
        for number, ref in enumerate(
            [
                Ref("lab", "pod", "a"),
                Ref("lab", "pod", "gone"),
                Ref("dumb", "pod", "a"),
                Ref("x", "pod", "a"),
            ],
            1,
        ):
            console.say(Fetch(id=number, ref=ref))
        document = await console.until_said(Document)
        assert document.text == "uid: a\nnote: ␛[31mred\n"
        await console.until(lambda: len([b for b in console.bodies() if isinstance(b, Failed)]) == 3)
        said = {b.id: b.detail for b in console.bodies() if isinstance(b, Failed)}
        assert said[2] == "pod gone is gone"
        assert "can't show" in said[3]
        assert "not part of the fleet" in said[4]


async def test_what_a_machine_printed_is_a_plain_text_or_the_reason() -> None:
    class Printing(Scripted):
        async def console_output(self, ref: Ref) -> str:
            return "[    0.000000] Linux\n\x1b[2Jlogin:"

    async with Console("lab", load=providing(Printing("lab", [[]]), Talkative("dumb", [[]]))) as console:
        await console.until_said(About, "dumb")
        console.say(Fetch(id=1, ref=Ref("lab", "instance", "i-1"), what="console"))
        document = await console.until_said(Document)
        assert (document.text, document.language) == ("[    0.000000] Linux\n␛[2Jlogin:", "text")
        console.say(Fetch(id=2, ref=Ref("dumb", "instance", "i-1"), what="console"))
        failed = await console.until_said(Failed)
        assert (failed.id, "keeps nothing that a machine printed" in failed.detail) == (2, True)


async def test_diagnose_asks_every_source_and_tells_of_failed_providers_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Silent(Scripted):
        async def diagnose(self) -> Sequence[Finding]:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("providers.engine.questions.DIAGNOSE_SECONDS", 0.05)
    sources = [Talkative("lab", [[]]), Silent("silent", [[]]), Scripted("dumb", [listing("a")])]
    by_name = {"lab": Of("lab", sources)}
    async with Console("lab", "broken", load=lambda name: by_name.get(name) or load(name)) as console:
        await console.until_state("dumb", "live")
        await console.until_state("broken", "denied")
        console.say(Diagnose(1))
        findings = {f.subject: f for f in (await console.until_said(Findings)).findings}
        assert findings["lab"].detail == "reached as me"
        assert (findings["silent"].level, "did not answer" in findings["silent"].detail) == ("error", True)
        assert (findings["dumb"].level, findings["dumb"].detail) == ("ok", "live")
        assert findings["broken"].level == "error"


async def test_T1_what_a_provider_finds_is_cleaned_and_what_is_no_finding_is_its_fault() -> None:
    class Hostile(Scripted):
        async def diagnose(self) -> Sequence[Finding]:
            return [Finding(subject="a\x1b]0;x\x07", level="ok", detail="b\u202e", remedy="c\n")]

        async def verify(self) -> Sequence[Finding]:
            return ["no finding"]  # type: ignore[list-item]

    async with Console("lab", load=providing(Hostile("lab", [[]]))) as console:
        await console.until_said(About, "lab")
        console.say(Diagnose(1))
        (found,) = (await console.until_said(Findings)).findings
        assert (found.subject, found.detail, found.remedy) == ("a␛]0;x␇", "b\ufffd", "c␊")
        console.say(Verify(2, "lab"))
        await console.until(lambda: len([b for b in console.bodies() if isinstance(b, Findings)]) == 2)
        said = [b for b in console.bodies() if isinstance(b, Findings)][1].findings[0]
        assert "internal error in provider scripted" in said.detail


async def test_verify_reports_or_says_why_not() -> None:
    async with Console("lab", load=providing(Talkative("lab", [[]]), Scripted("dumb", [[]]))) as console:
        await console.until_said(About, "dumb")
        console.say(Verify(1, "lab"), Verify(2, "dumb"))
        findings = await console.until_said(Findings)
        assert "RuntimeError: no" in findings.findings[0].detail
        assert "no self-check" in (await console.until_said(Failed)).detail


async def test_refresh_reaches_one_source_or_all() -> None:
    one, two = Scripted("one", [listing("a")]), Scripted("two", [listing("b")])
    async with Console("lab", load=providing(one, two)) as console:
        await console.until_state("one", "live")
        await console.until_state("two", "live")
        console.say(Refresh("one"))
        await console.until(lambda: console.bodies("one").count(Complete("pod")) == 2)
        assert two.starts == 1
        console.say(Refresh())
        await console.until(lambda: console.bodies("two").count(Complete("pod")) == 2)


# ---- a slow console ----------------------------------------------------------------------------------


class Busy(Scripted):
    """Changes 200 pods as fast as it can, 10,000 times, then says so."""

    async def stream(self) -> AsyncIterator[Batch]:
        yield Began("pod")
        yield Upserts(tuple(pod(str(number)) for number in range(200)))
        yield Complete("pod")
        for change in range(10_000):
            yield Upserts((pod(str(change % 200), restarts=change, message="x" * 1000),))
        yield Deletes("pod", ("7",))
        self.closed = 1
        await asyncio.Event().wait()


async def test_L16_a_console_that_does_not_read_costs_little_and_ends_right() -> None:
    busy = Busy("busy", [[]])
    async with Console("lab", load=providing(busy)) as console:
        await console.until_said(Upserts, "busy")
        async with asyncio.timeout(20):
            while not busy.closed:
                await asyncio.sleep(0.01)  # the console is away
                assert len(console.server._outbox) <= 200 + 10
        shown: dict[str, Pod] = {}

        def all_told() -> bool:
            shown.clear()
            for body in console.bodies("busy"):
                if isinstance(body, Upserts):
                    shown.update({obj.uid: obj for obj in body.objects if isinstance(obj, Pod)})
                elif isinstance(body, Deletes):
                    for uid in body.uids:
                        del shown[uid]
            return "7" not in shown and shown["199"].restarts == 9_999

        await console.until(all_told)
        assert {uid: obj.restarts for uid, obj in shown.items()} == {
            str(number): 9_800 + number for number in range(200) if number != 7
        }
        sent = sum(len(b.objects) for b in console.bodies("busy") if isinstance(b, Upserts))
        assert sent < 5_000  # of 10,200: the rest was overtaken by what came later


# ---- the end -----------------------------------------------------------------------------------------


async def test_bye_ends_it_and_closes_streams() -> None:
    source = Scripted("lab", [listing("a")])
    async with Console("lab", load=providing(source)) as console:
        await console.until_state("lab", "live")
        console.say(Bye())
        async with asyncio.timeout(1):
            await console.serving
        assert source.closed == 1


async def test_a_console_that_is_gone_ends_it() -> None:
    source = Scripted("lab", [listing("a")])
    console = Console("lab", load=providing(source))
    await console.until_state("lab", "live")
    console.channel.close()
    async with asyncio.timeout(1):
        await console.serving
    assert source.closed == 1


@pytest.mark.parametrize(
    ("commands", "said"),
    [([Diagnose(1)], "before its hello"), ([Hello(version="1", providers=())] * 2, "hello twice")],
)
async def test_a_console_out_of_step_is_refused(commands: list[Any], said: str) -> None:
    console = Console.__new__(Console)
    ours, theirs = socket.socketpair()
    server = Server(Channel(theirs.fileno(), theirs.detach()), load, version="1")
    console.channel = Channel(ours.fileno(), ours.detach())
    console.channel.post(Writer().write(commands))
    with pytest.raises(WireError, match=said):
        await server.serve()
    console.channel.close()


async def test_an_action_that_can_not_be_loaded_ends_the_engine_instead_of_leaving_it_mute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> Any:
        raise ImportError("actions/mine.py: no")

    monkeypatch.setattr("providers.engine.pipeline.discover", broken)
    console = Console("steady")
    with pytest.raises(ImportError, match="mine"):
        await asyncio.wait_for(console.serving, 2)
    console.channel.close()


async def test_a_question_right_after_the_hello_is_answered_after_the_welcome() -> None:
    async with Console() as console:
        console.say(Diagnose(1))
        assert (await console.until_said(Findings)).findings == ()
        assert isinstance(console.frames[0].body, Welcome)


async def test_a_stream_that_ends_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.engine.pauses.FIRST", 0.01)
    monkeypatch.setattr("providers.engine.pauses.SHORTEST", 0.01)
    source = Scripted("lab", [[*listing("a"), END], listing("b")])
    async with Console("lab", load=providing(source)) as console:
        await console.until_state("lab", "lost")
        await console.until_state("lab", "live")
        assert Deletes("pod", ("a",)) in console.bodies("lab")
