"""Tabs: which is shown, what is marked, and what an end says."""

from __future__ import annotations

from console.shells.tab import Tab, Wanted
from console.shells.tabs import Tabs
from providers.model import Offer
from providers.stream import Closed
from tests.shells.scripted import SSH, SSM, TARGET, Engine
from widgets.emulator import Terminal


def tab(engine: Engine, name: str = "api-1", *offers: Offer, clock: list[float] | None = None) -> Tab:
    wanted = Wanted(target=TARGET, purpose="shell", offer=SSH, offers=offers or (SSH,))
    seconds = clock or [0.0]
    made = Tab(wanted, name, Terminal(80, 24), lambda _: None, lambda: seconds[0])
    made.begin(engine.sessions.begin(made, TARGET, "shell", way="ssh"))
    return made


def poured(tab: Tab) -> str:
    while tab.behind:
        tab.pour(1 << 14)
    return tab.text()


def test_two_of_a_name_get_numbers_and_a_neighbour_follows_one_that_is_closed() -> None:
    engine, tabs = Engine(), Tabs()
    first, second, third = (tab(engine) for _ in range(3))
    for each in (first, second, third):
        tabs.add(each)
    assert [each.name for each in tabs] == ["api-1", "api-1 2", "api-1 3"]
    assert tabs.current is third
    tabs.step(1)
    assert tabs.current is first
    assert tabs.show(2)
    assert not tabs.show(4)
    tabs.remove(second)
    assert tabs.current is third
    tabs.remove(third)
    tabs.remove(first)
    assert tabs.current is None


def test_a_broadcast_goes_to_marked_tabs_that_run_and_only_from_one_of_them() -> None:
    engine, tabs = Engine(), Tabs()
    first, second, third = (tab(engine) for _ in range(3))
    for each in (first, second, third):
        tabs.add(each)
    second.marked = True
    tabs.show(1)
    assert tabs.toggle_broadcast() == "this tab is not marked"
    assert not first.marked
    second.marked, first.marked = False, True
    assert tabs.toggle_broadcast() == "no other tab is marked"
    first.marked = second.marked = True
    tabs.show(1)
    assert tabs.toggle_broadcast() == ""
    assert list(tabs.others) == [second]
    tabs.show(3)
    assert not tabs.shared
    assert list(tabs.others) == []
    engine.close(second.session.id, 0)  # type: ignore[union-attr]
    assert tabs.settle()
    assert not tabs.broadcasting


def test_an_end_says_the_status_after_how_long_and_why() -> None:
    engine, clock = Engine(), [0.0]
    made = tab(engine, clock=clock)
    engine.open(made.session.id)  # type: ignore[union-attr]
    clock[0] = 240.0
    engine.close(made.session.id, 1)  # type: ignore[union-attr]
    assert made.epitaph() == ("ended with status 1 after 4m",)
    assert made.next_way is None


def test_one_that_never_worked_says_why_and_offers_the_next_way() -> None:
    engine = Engine()
    made = tab(engine, "api-1", SSH, SSM)
    engine.close(made.session.id, None, "connection refused", "start sshd")  # type: ignore[union-attr]
    assert made.epitaph() == ("did not open", "connection refused", "start sshd")
    assert made.next_way is SSM


def test_of_a_host_key_that_was_refused_the_remedy_comes_first_and_no_other_ssh_is_offered() -> None:
    ours = Offer(way="asyncssh", title="SSH by the engine", spare=True, ssh=True)
    made = tab(Engine(), "api-1", SSH, ours)
    made.closed(Closed(id=1, status=255, detail="it shows SHA256:…", remedy="ask who runs it", final=True))
    assert made.epitaph() == ("did not open", "ask who runs it", "it shows SHA256:…")
    assert made.next_way is None


def test_what_was_said_before_stays_above_what_the_next_session_says() -> None:
    engine = Engine()
    made = tab(engine)
    first = made.session
    assert first is not None
    engine.open(first.id)
    engine.say(first.id, b"before\r\nlogout\r\n\x1b[?1049h\x1b[?1000hfull screen")
    engine.close(first.id, None, "cut: the engine is gone")
    assert poured(made)
    assert made.terminal.modes.mouse is None
    made.renew(made.wanted)
    made.renew(made.wanted)
    made.begin(engine.sessions.begin(made, TARGET, "shell", way="ssh"))
    engine.open(made.session.id)  # type: ignore[union-attr]
    engine.say(made.session.id, b"again")  # type: ignore[union-attr]
    assert poured(made).splitlines() == ["before", "logout", "", "", "again"]
    assert not made.terminal.modes.alternate
    assert made.ending is None


def test_the_saved_text_has_all_lines_and_joins_those_that_were_broken() -> None:
    engine = Engine()
    made = tab(engine)
    lines = [f"line {number}" for number in range(100)]
    engine.say(made.session.id, "\r\n".join([*lines, "x" * 200]).encode())  # type: ignore[union-attr]
    assert poured(made).splitlines() == [*lines, "x" * 200]
