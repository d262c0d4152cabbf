"""A person opens the lens and goes to what differs."""

from __future__ import annotations

from msgspec.structs import replace

from console.look import as_json
from providers.model import About, Complete, Health, Instance, Upserts
from providers.stream import Frame, Gone
from tests.disagree.worlds import CLOUD, CLUSTER, STATE, World, declared, instance, node
from tests.disagree.worlds import NOW as WORLD_NOW
from tests.stories.stage import NOW, Session, session


def _machine_under(user: Session, number: int) -> tuple[str, Instance]:
    nodes = [item for item in user.app.fleet.items("node") if item.instance is not None and item.obj.ready]
    machine = nodes[number].instance
    assert machine is not None
    return machine.ref.source, machine.obj


def _say(user: Session, source: str, *bodies: object) -> None:
    for body in bodies:
        user.app.fleet.apply(Frame(NOW, source, body))  # type: ignore[arg-type]
    user.app.tick()


async def _open(user: Session, words: str = ":disagree") -> None:
    await user.type(words)
    await user.press("enter")
    await user.until(lambda: user.deck.scene.focus == "disagreement")


async def test_the_lens_opens_as_a_pane_follows_the_fleet_and_leads_to_the_node() -> None:
    async with session() as user:
        await _open(user)
        listing = user.deck.pane.listing
        before = len(listing)
        assert before > 0
        source, machine = _machine_under(user, 0)
        node = next(
            item for item in user.app.fleet.items("node") if item.obj.provider_id == machine.provider_id
        )
        _say(user, source, Upserts((replace(machine, state="terminated", checks="", reason="spot"),)))
        await user.until(lambda: len(listing) == before + 1)
        await user.press("slash")
        await user.type(f"what:terminated {node.name}")
        await user.press("enter")
        assert user.rows("disagreement") == [node.name]
        assert "✕ terminated yet a node remains" in [cell.text for cell in listing.line_at(0).cells]
        await user.press("enter")
        assert (user.deck.scene.focus, user.deck.current_ref) == ("node", node.ref)
        await user.press("escape")
        assert user.deck.scene.focus == "disagreement"


async def test_a_source_that_is_lost_takes_its_claims_along_and_the_title_says_so() -> None:
    async with session() as user:
        await _open(user)
        listing = user.deck.pane.listing
        source = user.app.fleet.sources[listing.item_at(0).obj.subject.source].name
        _say(user, source, Health(state="lost", since=NOW, detail="no route"))
        await user.pilot.pause()
        assert all(listing.item_at(i).obj.subject.source != source for i in range(len(listing)))
        assert "can't judge" in user.title("disagreement")
        assert source in user.title("disagreement")


async def test_in_a_narrow_terminal_the_title_says_first_what_can_not_be_judged() -> None:
    async with session((80, 24)) as user:
        await _open(user)
        listing = user.deck.pane.listing
        source = listing.item_at(0).obj.subject.source
        _say(user, source, Health(state="lost", since=NOW, detail="no route"))
        await user.pilot.pause()
        title = user.deck.pane.bar.render_line(0).text
        assert f"◐ can't judge {source} · " in title


async def test_where_one_side_is_not_looked_at_no_pane_says_that_all_agree() -> None:
    async with session() as user:
        await _open(user)
        _say(user, STATE.name, About(STATE), Upserts((declared(1),)), Complete("instance"))
        for state in list(user.app.fleet.sources.values()):
            if state.name != STATE.name:
                _say(user, state.name, Gone())
        _say(user, STATE.name, Health(state="live", since=NOW))
        await user.until(lambda: not len(user.deck.pane.listing))
        why = "no cloud is looked at, 1 declaration can't be judged"
        assert str(user.deck.pane.grid.placeholder) == f"Nothing is compared: {why}."
        assert f"Disagreements ◐ {why} · –" in user.title("disagreement")


async def test_it_opens_filtered_and_with_faults_only() -> None:
    async with session() as user:
        await _open(user, ":disagree kind:instance")
        assert "narrowed: /kind:instance" in user.title("disagreement")
        kinds = {
            item.obj.subject.kind
            for item in map(user.deck.pane.listing.item_at, range(user.deck.pane.listing.shown))
        }
        assert kinds == {"instance"}
        await user.press("X", "escape", "escape")
        assert user.deck.scene.place("disagreement").query == ""


async def test_a_node_and_its_machine_say_what_they_disagree_in() -> None:
    async with session((200, 60)) as user:
        source, machine = _machine_under(user, 0)
        _say(user, source, Upserts((replace(machine, type="x9.mega"),)))
        node = next(
            item
            for item in user.app.fleet.items("node")
            if item.instance is not None and item.instance.ref.uid == machine.uid
        )
        assert node.instance is not None
        for ref in (node.ref, node.instance.ref):
            user.deck.navigate.go_to(ref)
            await user.pilot.pause()
            assert "type or zone different on the two sides" in " ".join(user.deck.facts.text.split())


async def test_a_disagreement_says_what_is_behind_it() -> None:
    async with session((200, 60)) as user:
        await _open(user)
        assert "look at" in user.deck.facts.text
        row = user.deck.current
        assert row is not None
        assert row.obj.detail.split(" ")[0] in user.deck.facts.text


def test_a_snapshot_lists_them_for_scripts() -> None:
    world = World(wanted=False)
    world.source(CLUSTER, node(1), node(2))
    world.source(CLOUD, instance(1), instance(2, state="stopped", since=WORLD_NOW - 40))
    (row,) = as_json(world.fleet, WORLD_NOW)["disagreements"]
    assert row == {
        "what": "stopped yet a node remains",
        "severity": 3,
        "kind": "node",
        "id": "u2",
        "name": "n2",
        "other": "i-00000002",
        "cluster": "prod",
        "account": "111122223333",
        "region": "eu-west-1",
        "since": WORLD_NOW - 40,
        "detail": "the node says Ready",
        "guessed": False,
    }
