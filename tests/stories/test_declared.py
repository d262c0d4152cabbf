"""A machine that a file declares and that runs: one row to go to, and no key that its file can't do."""

from __future__ import annotations

from msgspec.structs import replace

from providers.model import Ref, Upserts
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
