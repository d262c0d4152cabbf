"""Long plans in small terminals: the plan scrolls, and what is to be typed stays in sight."""

import pytest
from textual.containers import VerticalScroll

from console.screens.confirm import ConfirmScreen
from providers.model import ActionSpec, PlanItem, Ref
from providers.stream import Plan
from tests.stories.stage import session

SPEC = ActionSpec(
    name="run", title="Run", key="", kinds=("node",), description="Run it", danger="disruptive", worded=True
)


def plan(hosts: int, command: str = "uptime") -> Plan:
    items = tuple(
        PlanItem(
            ref=Ref("prod", "node", f"uid-{number}"),
            label=f"node web-{number}",
            where="prod",
            effect=f"it runs as ada@web-{number} through bastion",
        )
        for number in range(hosts)
    )
    return Plan(
        id=1,
        action="run",
        sentence=f"Run `{command}` on {hosts} nodes in prod as ada@web-1 and {hosts - 1} others",
        items=items,
        typed=str(hosts),
        pace="first 1, then 5, then 6; begins no further one after the first failure; 60 s at most for each",
    )


@pytest.mark.parametrize("command", ["uptime", "x" * 4000])
async def test_what_is_to_be_typed_is_seen_and_the_hosts_scroll(command: str) -> None:
    async with session(size=(80, 24)) as user:
        screen = ConfirmScreen(plan(12, command), SPEC, lambda ref: ref.uid)
        await user.app.push_screen(screen)
        await user.pilot.pause()
        seen = screen.region
        for widget in (screen.query_one("#how"), screen.line):
            assert widget.region.height == 1
            assert seen.contains_region(widget.region), widget.region
        items = screen.query_one("#items", VerticalScroll)
        assert items.region.bottom <= screen.query_one("#how").region.y
        assert items.max_scroll_y > 0
        await user.press(*["pagedown"] * 10)
        await user.until(lambda: items.scroll_y == items.max_scroll_y)
        last = screen.query_one("#effects").region.bottom
        assert items.region.y < last <= items.region.bottom, "the last host comes into sight"
