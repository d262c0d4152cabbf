"""A machine that a file declares and that runs: one row to go to, and no key that its file can't do."""

from __future__ import annotations

from msgspec.structs import replace

from providers.model import About, Health, Ref, SourceInfo, Upserts
from providers.stream import Frame
from tests.stories.stage import NOW, Session, session


async def _declare_the_first(user: Session) -> Ref:
    """A file that declares the machine under the cursor: its declaration."""
    running = user.deck.current
    assert running is not None
    declared = replace(running.obj, observed=False, state="", resource="aws_instance.web")
    user.app.fleet.apply(Frame(NOW, "terraform", Upserts((declared,))))
    user.app.tick()
    await user.pilot.pause()
    return Ref("terraform", "instance", running.ref.uid)


async def test_going_to_a_declaration_leads_to_the_machine_that_runs() -> None:
    async with session() as user:
        await user.type(":instances")
        await user.press("enter", "N", "g")
        running, before = user.deck.current_ref, len(user.rows("instance"))
        declaration = await _declare_the_first(user)
        assert len(user.rows("instance")) == before
        user.deck.navigate.go_to(declaration)
        await user.pilot.pause()
        assert user.deck.current_ref == running
        assert "aws_instance.web in terraform" in user.deck.facts.text


async def test_nothing_is_offered_on_a_declaration_that_its_file_can_not_do() -> None:
    async with session() as user:
        await user.type(":instances")
        await user.press("enter")
        declaration = await _declare_the_first(user)
        info = SourceInfo(name="terraform", provider="static", kinds=("instance",))
        user.app.fleet.apply(Frame(NOW, "terraform", About(info)))
        user.app.fleet.apply(Frame(NOW, "terraform", Health(state="live", since=NOW)))
        user.app.tick()
        user.deck.navigate.narrow_to_sources(("terraform",))
        await user.pilot.pause()
        assert user.deck.current_ref == declaration
        commands = user.app.registry.commands
        why = {id: commands[id].why_not(user.deck) for id in ("start", "stop", "reboot", "console", "yaml")}
        assert why == {
            **dict.fromkeys(("start", "stop", "reboot", "console"), "here it is only declared"),
            "yaml": "",
        }
