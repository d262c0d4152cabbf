"""What a person does with groups, as they would."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from console.views.dimension import Group
from providers.model import Ref, Upserts
from providers.stream import Frame
from tests.fleet.worlds import node
from tests.stories.stage import NOW, Session, session


async def go(user: Session, line: str) -> None:
    await user.type(f":{line}")
    await user.press("enter")


def groups(user: Session) -> list[str | None]:
    """The values of the focused pane's groups, in their order."""
    rows = user.deck.pane.rows
    keys = [rows.key_at(index) for index in range(len(rows))]
    return [key.value for key in keys if isinstance(key, Group)]


def cells(user: Session, key: str) -> list[str]:
    """A column of the focused pane."""
    rows = user.deck.pane.rows
    at = [column.key for column in rows.columns].index(key)
    return [rows.line_at(index).cells[at].text for index in range(len(rows))]


async def test_by_zone_into_one_and_back_to_where_the_cursor_was() -> None:
    async with session() as user:
        await go(user, "nodes")
        await user.press("N")
        plain = user.rows("node")
        await go(user, "by zone")
        zones = groups(user)
        assert len(zones) > 1
        assert None not in zones
        assert f"Nodes by zone {len(zones)} zones · 20" in user.title("node")
        assert sum(int(count) for count in cells(user, "count")) == 20
        await user.press("j")
        await user.press("enter")
        zone = zones[1]
        assert f"narrowed: zone {zone}" in user.title("node")
        listing = user.deck.pane.listing
        found = [listing.item_at(index) for index in range(len(listing))]
        assert {item.obj.zone for item in found} == {zone}
        assert [item.name for item in found] == [name for name in plain if name in user.rows("node")]
        await user.press("escape")
        assert user.deck.current_group == Group("zone", zone)
        assert groups(user) == zones
        await user.press("escape")
        assert user.rows("node") == plain
        assert "by zone" not in user.title("node")


async def test_the_key_asks_and_offers_what_there_is() -> None:
    async with session() as user:
        await go(user, "instances")
        await user.press("b")
        line = user.deck.prompts.line
        assert line.ghost
        shown = line.render_line(0).text
        assert shown.startswith(" group by ")
        assert "zone" in shown
        assert "lifecycle" in shown
        await user.type("li")
        assert line.ghost == "fecycle"
        await user.press("enter")
        assert "Instances by lifecycle" in user.title("instance")
        assert {"spot", "on-demand"} <= set(groups(user))
        await user.press("b")
        await user.type("colour")
        await user.press("enter")
        assert "instances have no 'colour'" in line.error
        await user.press("escape")
        assert "Instances by lifecycle" in user.title("instance")


async def test_tags_are_offered_by_name_once_their_colon_is_typed() -> None:
    async with session() as user:
        await go(user, "instances")
        await user.press("b")
        await user.type("tag")
        await user.press("enter")
        line = user.deck.prompts.line
        assert line.text == "tag:"
        name = line.ghost
        assert name
        await user.press("enter")
        assert f"Instances by tag:{name}" in user.title("instance")
        assert groups(user)


async def test_by_alone_and_a_wrong_word_after_it() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zones")
        assert "did you mean 'zone'?" in user.deck.prompts.line.error
        await user.press("escape")
        await go(user, "by zone")
        await user.press("enter")
        assert user.deck.scene.place("node").within
        await go(user, "by")
        assert len(user.rows("node")) == 20
        assert "narrowed" not in user.title("node")
        assert "by zone" not in user.title("node")


async def test_filter_and_scope_come_before_grouping_and_groups_nest() -> None:
    async with session() as user:
        await go(user, "ctx")
        while user.under_cursor != "prod-us":
            await user.press("j")
        await user.press("enter")
        await go(user, "by namespace")
        everything = sum(int(count) for count in cells(user, "count"))
        assert everything == user.deck.pane.rows.total < 300
        await user.press("slash")
        await user.type("status:running")
        await user.press("enter")
        running = sum(int(count) for count in cells(user, "count"))
        assert 0 < running < everything
        assert f"{running} of {everything}" in user.title("pod")
        await user.press("enter")
        namespace = user.deck.scene.place("pod").within[0].value
        await go(user, "by node")
        await user.press("enter")
        within = user.deck.scene.place("pod").within
        assert [group.by for group in within] == ["namespace", "node"]
        listing = user.deck.pane.listing
        found = [listing.item_at(index).obj for index in range(len(listing))]
        assert {(pod.namespace, pod.node) for pod in found} == {(namespace, within[1].value)}
        assert {pod.status for pod in found} == {"Running"}


async def test_history_and_the_last_place_bring_groups_back() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        zones = groups(user)
        await user.press("G")
        await go(user, "pods")
        await user.press("minus")
        assert (user.deck.scene.focus, groups(user)) == ("node", zones)
        assert user.deck.current_group == Group("zone", zones[-1])
        await user.press("left_square_bracket")
        assert user.deck.current_group is None
        await user.press("right_square_bracket")
        assert groups(user) == zones


async def test_leaving_groups_that_are_not_the_step_before_stays_in_the_pane() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        await go(user, "pods")
        await go(user, "nodes")
        assert groups(user)
        await user.press("escape")
        assert user.deck.scene.focus == "node"
        assert len(user.rows("node")) == 20


async def test_the_usual_keys_sort_groups_and_the_order_of_objects_is_kept() -> None:
    async with session() as user:
        await go(user, "nodes")
        await user.press("A")
        await go(user, "by zone")
        await user.press("N")
        zones = groups(user)
        assert zones == sorted(zones, key=str)
        await user.press("N")
        assert groups(user) == zones[::-1]
        await user.press("shift+right")
        assert user.deck.pane.grid.sorted_by == ("count", False)
        counts = [int(count) for count in cells(user, "count")]
        assert counts == sorted(counts, reverse=True)
        await user.press("E")
        assert user.deck.pane.grid.sorted_by == ("status", False)
        await user.press("enter")
        assert user.deck.pane.grid.sorted_by == ("age", False)


async def test_A1_a_group_is_no_object_nothing_is_marked_or_acted_on() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        assert user.deck.current is None
        assert user.deck.targets() == ()
        await user.press("space", "V", "c", "y", "d")
        assert not user.deck.pane.grid.marks
        assert user.app.screen is user.deck
        assert not user.app.activity.entries
        for command in user.app.registry.commands.values():
            if command.group in ("Actions", "Mark") and command.fits("node") and command.id != "clear-marks":
                assert command.why_not(user.deck), command.id
        assert "Nodes by zone" in user.deck.facts.text
        assert "a group is under the cursor" in user.app.registry.commands["mark"].why_not(user.deck)


async def test_groups_follow_the_fleet_and_the_cursor_stays_on_its_group() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        await user.press("G")
        at = user.deck.current_group
        before = user.deck.pane.grid.lines_rendered
        new = tuple(node(f"new-{n}", f"new-{n}", zone="aa-new-1", ready=False) for n in range(50))
        user.app.fleet.apply(Frame(NOW, "prod-eu", Upserts(new)))
        user.app.tick()
        await user.pilot.pause()
        assert groups(user)[0] == "aa-new-1"
        assert user.deck.current_group == at
        assert "Nodes by zone" in user.title("node")
        assert "· 70 ·" in user.title("node")
        before = user.deck.pane.grid.lines_rendered
        user.app.fleet.apply(
            Frame(NOW, "prod-eu", Upserts((node("new-1", "new-1", zone="aa-new-1", ready=False),)))
        )
        user.app.tick()
        await user.pilot.pause()
        assert user.deck.pane.grid.lines_rendered == before


async def test_going_to_an_object_leaves_the_groups_that_would_hide_it() -> None:
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        await user.press("enter")
        await go(user, "by status")
        await go(user, "pods")
        while not (user.deck.current and user.deck.current.node):
            await user.press("j")
        on = user.deck.current.node.ref
        await user.press("o")
        assert (user.deck.scene.focus, user.deck.current_ref) == ("node", on)


async def test_groups_are_saved_as_they_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with session() as user:
        await go(user, "nodes")
        await go(user, "by zone")
        await user.press("ctrl+s")
        (path,) = tmp_path.glob("quarterdeck-nodes-by-zone-*.csv")
        saved = list(csv.reader(path.read_text("utf-8").splitlines()))
        assert saved[0][:2] == ["ZONE", "COUNT"]
        assert [row[0] for row in saved[1:]] == groups(user)


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (160, 45), (200, 60)])
async def test_every_size_shows_groups(size: tuple[int, int]) -> None:
    async with session(size) as user:
        for kind in ("nodes", "instances", "pods"):
            await go(user, kind)
            await go(user, "by zone")
            assert groups(user)
            await user.press("j", "enter", "escape", "escape")
            assert isinstance(user.deck.current_ref, Ref)
