"""What must stay cheap, counted: nodes styled, layouts made, lines drawn. Clocks differ, counts do not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from textual import events
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from providers.model import Upserts
from providers.stream import Frame
from tests.stories.stage import NOW, Session, session
from widgets.grid import Grid


@contextmanager
def counted(owner: type, name: str) -> Iterator[list[object]]:
    """Every call of that method, while it goes on as ever: a list of whom it was called for."""
    calls: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        real = getattr(owner, name)

        def noting(self: object, *args: Any, **kwargs: Any) -> Any:
            calls.append(args[0] if owner is Stylesheet else self)
            return real(self, *args, **kwargs)

        patch.setattr(owner, name, noting)
        yield calls


def drawn(user: Session) -> dict[str, int]:
    """Lines drawn so far, by pane."""
    return {kind: pane.grid.lines_rendered for kind, pane in user.deck.panes.items()}


async def settled(user: Session) -> None:
    """Until what was pressed is drawn: the terminal is given a frame at most sixty times a second."""
    await user.pilot.pause(0.1)


async def test_the_start_styles_each_widget_a_few_times_and_nothing_else() -> None:
    with counted(Stylesheet, "apply") as styled, counted(Screen, "_refresh_layout") as laid_out:
        async with session() as user:
            widgets = len(list(user.deck.walk_children())) + 2
            assert len(styled) <= 2.5 * widgets
            assert len(laid_out) <= 10


async def test_a_step_of_the_cursor_draws_two_lines_and_lays_out_nothing() -> None:
    async with session() as user:
        await settled(user)
        before = drawn(user)
        with counted(Stylesheet, "apply") as styled, counted(Screen, "_refresh_layout") as laid_out:
            await user.press("j")
            await settled(user)
        after = drawn(user)
        assert {kind: after[kind] - before[kind] for kind in after if after[kind] != before[kind]} == {
            "pod": 2
        }
        assert styled == []
        assert laid_out == []


async def test_another_pane_gets_the_keys_without_everything_being_styled_again() -> None:
    async with session() as user:
        await settled(user)
        with counted(Stylesheet, "apply") as styled:
            await user.press("tab")
            await settled(user)
        assert len(styled) <= 6


async def test_of_one_changed_pod_one_line_is_drawn_and_of_one_out_of_sight_none() -> None:
    async with session() as user:
        await settled(user)
        pane = user.deck.panes["pod"]
        for index, lines in ((2, 1), (len(pane.listing) - 1, 0)):
            item = pane.listing.item_at(index)
            changed = msgspec.structs.replace(item.obj, restarts=item.obj.restarts + 1)
            before = drawn(user)
            user.app.fleet.apply(Frame(NOW, item.ref.source, Upserts((changed,))))
            user.app.tick()
            await settled(user)
            after = drawn(user)
            assert after["pod"] - before["pod"] == lines
            assert after["node"] == before["node"]


async def test_while_nothing_changes_nothing_is_drawn() -> None:
    async with session() as user:
        await settled(user)
        before = drawn(user)
        with counted(Screen, "_refresh_layout") as laid_out:
            for _ in range(5):
                user.app.tick()
                user.deck.tick_ages()
            await settled(user)
        assert drawn(user) == before
        assert laid_out == []


async def test_what_a_key_does_is_painted_before_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.keyfirst.KEY_SECONDS", 10.0)
    async with session() as user:
        await settled(user)
        app = user.app
        with counted(Grid, "render_line") as painted:
            done: list[int] = []
            monkeypatch.setattr(app, "_show", lambda: done.append(len(painted)))
            app.post_message(events.Key("j", "j"))
            async with asyncio.timeout(10):
                while app.key_first.since is None:  # noqa: ASYNC110 - the very turn of the loop matters
                    await asyncio.sleep(0)
            app._next_tick = 0.0
            app.schedule_tick()
            await user.until(lambda: bool(done))
        assert done[0] >= 2


async def test_a_key_that_paints_nothing_holds_up_ticks_for_a_moment_only() -> None:
    async with session() as user:
        await settled(user)
        for _ in range(3):
            user.app.post_message(events.Key("f24", None))
            user.app._next_tick = 0.0
            user.app.schedule_tick()
            await user.until(lambda: user.app._tick_due is None)


async def test_another_size_is_taken_though_textuals_timer_for_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with session() as user:
        lost = user.app.set_timer(1000.0)
        monkeypatch.setattr(user.app, "set_timer", lambda *_: lost)
        await user.pilot.resize_terminal(90, 25)
        await user.until(lambda: user.deck.header.size.width == 90)
