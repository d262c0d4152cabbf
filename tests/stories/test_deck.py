"""What a person does on the deck, as they would."""

import pytest

from console.query import QueryError
from providers.model import Column, Deletes, Record, Ref, Schema, Upserts
from providers.stream import Frame
from tests.stories.stage import NOW, session


async def test_it_opens_on_the_simulated_fleet_and_says_so() -> None:
    async with session() as user:
        assert "SIMULATED" in user.deck.header.text
        assert "as ada (simulated)" in user.deck.header.text
        assert len(user.rows("node")) == 20
        assert len(user.rows("pod")) == 300


async def test_a_filter_narrows_as_it_is_typed_and_escape_clears_it() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("ns:kube-system")
        assert 0 < len(user.rows("pod")) < 300
        assert "narrowed: /ns:kube-system" in user.title("pod")
        await user.press("enter", "escape")
        assert len(user.rows("pod")) == 300


async def test_a_filter_begins_anew_and_escape_brings_the_old_one_back() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("ns:kube-system")
        await user.press("enter", "j")
        found, at = user.rows("pod"), user.under_cursor
        await user.press("slash")
        assert user.deck.prompts.line.text == ""
        assert len(user.rows("pod")) == 300
        await user.type("ns:none-such")
        assert not user.rows("pod")
        await user.press("escape")
        assert (user.rows("pod"), user.under_cursor) == (found, at)
        await user.press("slash", "up")
        assert user.rows("pod") == found
        await user.press("ctrl+u", "enter")
        assert len(user.rows("pod")) == 300


async def test_marks_that_a_filter_hides_are_kept_and_said() -> None:
    async with session() as user:
        await user.press("space", "space", "G", "space")
        marked = user.deck.pane.grid.marks
        assert "3 marked" in user.deck.keys.text
        name = user.rows("pod")[0]
        await user.press("slash")
        await user.type(f"name:{name}")
        await user.press("enter")
        assert user.rows("pod") == [name]
        assert "3 marked, 2 hidden" in user.deck.keys.text
        assert set(user.deck.targets()) == marked
        await user.type(":by status")
        await user.press("enter")
        assert "3 marked, 3 hidden" in user.deck.keys.text
        assert user.deck.targets() == ()
        await user.type(":by")
        await user.press("enter")
        assert "3 marked, 2 hidden" in user.deck.keys.text
        gone = next(ref for ref in marked if isinstance(ref, Ref) and ref != user.deck.current_ref)
        user.app.fleet.apply(Frame(NOW, gone.source, Deletes("pod", (gone.uid,))))
        user.app.tick()
        await user.pilot.pause()
        assert "2 marked, 1 hidden" in user.deck.keys.text
        await user.press("escape")
        assert user.deck.pane.grid.marks == marked - {gone}
        assert "hidden" not in user.deck.keys.text


async def test_what_is_said_does_not_lie_on_the_line_that_is_typed() -> None:
    async with session((80, 24), toasts=True) as user:
        await user.press("slash")
        user.app.say("something happened\nin two lines")
        await user.until(lambda: bool(user.app.screen.query("Toast")))
        toast = user.app.screen.query_one("Toast")
        await user.until(lambda: toast.region.height > 0)
        line = user.deck.prompts.line.region
        assert toast.region.bottom <= line.y


async def test_a_wrong_filter_says_what_is_wrong_and_keeps_the_last_good_rows() -> None:
    async with session() as user:
        await user.press("slash")
        await user.type("age>1")
        assert "'1' is no duration" in user.deck.prompts.line.error
        await user.type("m")
        assert not user.deck.prompts.line.error
        good = user.rows("pod")
        assert good
        await user.type(" /(/")
        assert user.deck.prompts.line.error
        assert user.rows("pod") == good
        with pytest.raises(QueryError, match="colour"):
            user.deck.navigate.filter_by("colour:red")
        assert user.rows("pod") == good


async def test_enter_on_a_node_narrows_the_pods_and_back_finds_everything_as_it_was() -> None:
    async with session() as user:
        await user.type(":nodes")
        await user.press("enter", "N")
        await user.press("j", "j")
        node = user.under_cursor
        order = user.rows("node")
        await user.press("enter")
        assert user.deck.scene.focus == "pod"
        assert f"node {node}" in user.title("pod")
        assert {item.obj.node for item in map(user.deck.panes["pod"].listing.item_at, range(3))} == {node}
        await user.press("escape")
        assert user.deck.scene.focus == "node"
        assert user.under_cursor == node
        assert user.rows("node") == order
        assert len(user.rows("pod")) == 300


async def test_a_source_narrows_every_other_pane() -> None:
    async with session() as user:
        await user.type(":ctx")
        await user.press("enter")
        while user.under_cursor != "prod-us":
            await user.press("j")
        await user.press("enter")
        pods = user.deck.panes["pod"].listing
        assert {pods.item_at(index).source.name for index in range(len(pods))} == {"prod-us"}
        assert "source prod-us" in user.title("node")


async def test_a_context_that_is_named_is_shown_alone_and_an_unknown_one_says_which_there_are() -> None:
    async with session() as user:
        await user.type(":ctx prod-u")
        await user.press("enter")
        line = user.deck.prompts.line
        there = ", ".join(sorted(user.app.fleet.sources))
        assert line.error == f"no source prod-u; there are: {there}"
        await user.press("s", "enter")
        assert user.deck.scene.focus == "pod"
        pods = user.deck.panes["pod"].listing
        assert {pods.item_at(index).source.name for index in range(len(pods))} == {"prod-us"}
        assert "source prod-us" in user.title("node")
        assert not user.deck.scene.place("source").query
        await user.type(":nodes @nowhere")
        await user.press("enter")
        assert line.error.startswith("no source nowhere; there are: ")


async def test_words_after_the_colon_go_to_a_namespace_and_a_filter() -> None:
    async with session() as user:
        await user.type(":pods kube-system")
        await user.press("enter")
        pods = user.deck.panes["pod"].listing
        assert {pods.item_at(index).namespace for index in range(len(pods))} == {"kube-system"}
        await user.press("0")
        assert len(user.rows("pod")) == 300
        await user.type(":podz")
        await user.press("enter")
        assert "no command :podz" in user.deck.prompts.line.error


async def test_history_goes_back_forward_and_between_the_last_two() -> None:
    async with session() as user:
        await user.type(":nodes")
        await user.press("enter")
        await user.type(":instances")
        await user.press("enter", "left_square_bracket")
        assert user.deck.scene.focus == "node"
        await user.press("right_square_bracket")
        assert user.deck.scene.focus == "instance"
        await user.press("minus")
        assert user.deck.scene.focus == "node"


async def test_sorting_twice_turns_the_order_round_and_the_cursor_stays_on_its_object() -> None:
    async with session() as user:
        await user.press("G")
        name = user.under_cursor
        await user.press("A")
        first = user.rows("pod")
        assert user.under_cursor == name
        await user.press("A")
        assert user.rows("pod") != first
        assert user.under_cursor == name


async def test_typed_in_a_burst_no_key_is_lost() -> None:
    async with session() as user:
        await user.pilot.press(*":nodes", "enter", "slash", *"prod", "enter")
        await user.pilot.pause()
        assert user.deck.scene.focus == "node"
        assert user.deck.scene.place("node").query == "prod"


async def test_the_key_line_says_why_a_key_can_not_be_used() -> None:
    async with session() as user:
        await user.type(":nodes")
        await user.press("enter")
        assert "s shell  ! run (no: it is simulated)" in user.deck.keys.text
        await user.press("slash")
        await user.type("cordoned:yes")
        await user.press("enter")
        assert "Cordon (no: already cordoned)" in user.deck.keys.text


async def test_help_lists_every_command_and_why_one_is_not_possible() -> None:
    async with session() as user:
        await user.press("question_mark")
        text = user.app.screen.facts.text  # type: ignore[attr-defined]
        for command in user.app.registry.commands.values():
            assert command.description.split(":")[0][:30] in text.replace("\n", " ") or command.id in text
        await user.press("escape")
        assert user.app.screen is user.deck


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (109, 30), (110, 30), (160, 45), (200, 60)])
async def test_every_size_shows_rows_and_keeps_working(size: tuple[int, int]) -> None:
    async with session(size) as user:
        await user.press("tab", "tab", "j", "d", "d", "question_mark", "escape", "W", "W")
        assert user.deck.pane.grid.display


async def test_yaml_is_shown_as_the_server_has_it_and_can_be_searched() -> None:
    async with session() as user:
        name = user.under_cursor
        await user.press("y")
        await user.until(lambda: user.app.screen is not user.deck)
        document = user.app.screen.document  # type: ignore[attr-defined]
        assert f"name: {name}" in document.text
        await user.press("slash")
        await user.type("kind")
        assert document.matches >= 1
        await user.press("enter", "escape")
        assert user.app.screen is user.deck


async def test_a_typed_command_of_another_pane_is_refused_and_nothing_breaks() -> None:
    async with session() as user:
        await user.type(":ctx")
        await user.press("enter")
        await user.type(":sort-age")
        await user.press("enter", "enter")
        assert user.deck.scene.place("source").sort == ""
        await user.type(":nodes")
        await user.press("enter")
        await user.type(":cordon ip-10-0")
        await user.press("enter")
        assert "takes nothing after it" in user.deck.prompts.line.error


async def test_what_is_asked_while_the_engine_restarts_is_told_and_not_lost() -> None:
    async with session() as user:
        user.app.answers._send = lambda _: False
        await user.press("y")
        await user.until(lambda: any("restarting" in entry.title for entry in user.app.activity.entries))


async def test_a_kind_that_only_its_server_knows_has_a_pane_with_that_servers_columns() -> None:
    async with session() as user:
        widget = Record(kind="widgets.example.com", uid="w1", name="sprocket", namespace="shop", cells=("7",))
        schema = Schema(kind=widget.kind, title="Widgets", columns=(Column("TEETH", numeric=True),))
        for body in (schema, Upserts((widget,))):
            user.app.fleet.apply(Frame(NOW, "prod-eu", body))
        user.app.tick()
        await user.type(":widgets")
        await user.press("enter")
        await user.until(lambda: user.deck.scene.focus == widget.kind)
        assert user.under_cursor == "sprocket"
        assert "TEETH" in [column.title for column in user.deck.pane.listing.columns]
        await user.press("slash")
        await user.type("sprock")
        await user.press("enter", "space", "tab", "escape")


async def test_quitting_works_from_whatever_lies_over_the_deck() -> None:
    async with session() as user:
        await user.press("y")
        await user.until(lambda: user.app.screen is not user.deck)
        await user.press("ctrl+q")
        await user.until(lambda: not user.app.is_running)


async def test_in_a_narrow_terminal_the_active_pane_and_what_narrows_it_are_read_first() -> None:
    async with session((80, 24)) as user:
        for words in (":instances", ":by zone", "/e"):
            await user.type(words)
            await user.press("enter")
        await user.press("X")
        said = user.deck.pane.bar.render_line(0).text
        assert said.startswith(" [Instances by zone] ")
        assert said.rstrip().endswith("narrowed: /e, faults only")
        assert user.deck.pane.rows.summary().partition(" · ")[0] in said
        await user.press("escape", "escape", "escape")
        said = user.deck.pane.bar.render_line(0).text
        assert said.split() == [*said.split()[:-3], "Pods", "Sources", "Nodes"]


async def test_a_key_of_other_panes_says_of_which(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session() as user:
        said: list[str] = []
        monkeypatch.setattr(user.app, "say", said.append)
        await user.type(":ctx")
        await user.press("enter", "y", "J", "i")
        assert said == [
            "y (yaml) is for nodes, instances, hosts and pods",
            "shift-j (owner) is for pods",
            "i (instance) is for nodes and pods",
        ]
