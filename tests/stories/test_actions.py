"""From a key to an outcome: asked, confirmed, carried out by the engine, seen, written down."""

from pathlib import Path

import pytest

from console.screens.confirm import ConfirmScreen
from console.screens.document import DocumentScreen
from tests.stories.stage import Session, session
from widgets.document import Document


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


async def nodes(user: Session, query: str) -> None:
    await user.type(":nodes")
    await user.press("enter", "slash")
    await user.type(query)
    await user.press("enter")


async def asked(user: Session) -> ConfirmScreen:
    await user.until(lambda: isinstance(user.app.screen, ConfirmScreen))
    screen = user.app.screen
    assert isinstance(screen, ConfirmScreen)
    return screen


async def test_cordon_asks_then_acts_then_shows_what_the_watch_saw(own_state: Path) -> None:
    async with session() as user:
        await nodes(user, "cordoned:no ready:yes")
        name = user.under_cursor
        await user.press("c")
        question = await asked(user)
        assert name in question.plan.sentence
        assert "ada" in question.plan.sentence
        await user.press("y")
        await user.until(lambda: any(e.level == "done" for e in user.app.activity.entries))
        await user.type(":nodes /cordoned:yes")
        await user.press("enter")
        assert name in user.rows("node")
        (path,) = own_state.rglob("audit.jsonl")
        log = path.read_text()
        assert [f'"{phase}"' in log for phase in ("intent", "outcome")] == [True, True]


async def test_escape_leaves_everything_as_it_is() -> None:
    async with session() as user:
        await nodes(user, "cordoned:no ready:yes")
        await user.press("c")
        await asked(user)
        await user.press("escape")
        assert not user.app.activity.entries
        assert user.app.screen is user.deck


async def test_marked_nodes_are_cordoned_together() -> None:
    async with session() as user:
        await nodes(user, "cordoned:no ready:yes")
        await user.press("space", "space", "space")
        assert "3 marked" in user.deck.keys.text
        await user.press("c")
        question = await asked(user)
        assert len([item for item in question.plan.items if not item.refused]) == 3
        await user.press("y")
        await user.until(lambda: any("3 done" in e.title for e in user.app.activity.entries))


async def test_restart_names_the_workload_that_owns_the_pod() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("owner:ReplicaSet status:Running")
        await user.press("enter", "r")
        question = await asked(user)
        assert question.plan.items[0].label == "deployment invoices"


async def test_read_only_refuses_in_the_engine_and_says_so_at_the_key() -> None:
    async with session(read_only=True) as user:
        await nodes(user, "cordoned:no")
        assert "read-only" in user.deck.header.text
        await user.press("c")
        assert user.app.screen is user.deck
        spec_command = user.app.registry.commands["cordon"]
        assert spec_command.why_not(user.deck) == "read-only"


async def test_a_failure_stays_in_the_messages_until_it_is_read() -> None:
    async with session() as user:
        user.app.errands.complain("cordon: node n1: failed, 409", "look at the node")
        user.app.refresh_header()
        assert "1 failed, m to read" in user.deck.header.text
        await user.press("m")
        assert "look at the node" in user.app.screen.facts.text  # type: ignore[attr-defined]
        await user.press("escape")
        assert "failed" not in user.deck.header.text


async def machines(user: Session, query: str) -> None:
    await user.type(":instances")
    await user.press("enter", "slash")
    await user.type(query)
    await user.press("enter")


async def test_a_machine_is_stopped_by_typing_its_name() -> None:
    async with session() as user:
        await machines(user, "state:running !node:ip")
        name = user.under_cursor
        await user.press("x")
        question = await asked(user)
        assert question.plan.typed == name
        await user.press("y", "enter")
        assert not any(e.level == "done" for e in user.app.activity.entries)
        assert user.app.screen is question
        await user.press("escape", "x")
        await asked(user)
        await user.type(name)
        await user.press("enter")
        await user.until(lambda: any(e.level == "done" for e in user.app.activity.entries))
        await user.type(":instances /state:stopped")
        await user.press("enter")
        assert name in user.rows("instance")


async def test_what_a_machine_printed_opens_at_its_end() -> None:
    async with session() as user:
        await machines(user, "state:running")
        await user.press("l")
        await user.until(lambda: isinstance(user.app.screen, DocumentScreen))
        document = user.app.screen.query_one("#document", Document)
        assert "Linux version" in document.text
        await user.until(lambda: document.top + document.size.height >= document.line_count())
        await user.press("escape")
        assert user.app.screen is user.deck


async def test_what_a_machine_printed_is_not_asked_for_when_read_only() -> None:
    async with session(read_only=True) as user:
        await machines(user, "state:running")
        await user.press("l")
        assert user.app.screen is user.deck
        why = user.app.registry.commands["console"].why_not(user.deck)
        assert why == "read-only: what a machine printed can hold secrets"
