"""What the header says of namespaces: a part is never taken for the whole."""

from __future__ import annotations

import pytest

from console.app import Quarterdeck
from console.config import Config
from console.launch import Arguments, choose
from console.link import connect
from console.screens.header import header_cells
from providers.model import About, SourceInfo
from providers.stream import Frame

WHOLE = SourceInfo(name="prod-eu", provider="kubernetes", cluster="prod-eu")
SHOP = SourceInfo(name="prod-us", provider="kubernetes", cluster="prod-us", namespaces=("shop",))
MANY = SourceInfo(name="lab", provider="kubernetes", cluster="lab", namespaces=("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("infos", "said"),
    [
        ([WHOLE], "prod-eu"),
        ([SHOP], "prod-us · ns shop"),
        ([WHOLE, SHOP], "2 clusters · ns shop of prod-us"),
        ([MANY], "lab · ns a, b, c and 1 more"),
        ([MANY, SHOP], "2 clusters · ns a, b, c and 2 more"),
        ([WHOLE, MANY, SHOP], "3 clusters · ns a, b, c and 2 more of 2 clusters"),
    ],
)
async def test_namespaces_are_told_with_the_cluster_they_are_of(infos: list[SourceInfo], said: str) -> None:
    launch = choose(Arguments(demo=True), Config(), {})
    app = Quarterdeck(connect(launch.hello), launch)
    for info in infos:
        app.fleet.apply(Frame(1.0, info.name, About(info)))
    left, _ = header_cells(app)
    assert said in [cell.text for cell in left]
    await app.link.close()


@pytest.mark.parametrize(
    ("identities", "said"),
    [
        (["ada"], "as ada"),
        (["arn:aws:sts::222222222222:assumed-role/OnCall/ada"], "as OnCall/ada"),
        (
            ["arn:aws:sts::2:assumed-role/OnCall/botocore-session-1795820000"],
            "as OnCall/botocore-session-1795820…",
        ),
        (["arn:aws:iam::222222222222:root"], "as arn:aws:iam::222222222222:root"),
        (["ada", "bob"], "as 2 identities"),
    ],
)
async def test_a_long_identity_leaves_room_for_health_and_mode(identities: list[str], said: str) -> None:
    launch = choose(Arguments(demo=True), Config(), {})
    app = Quarterdeck(connect(launch.hello), launch)
    for number, identity in enumerate(identities):
        info = SourceInfo(name=f"s{number}", provider="aws", identity=identity)
        app.fleet.apply(Frame(1.0, info.name, About(info)))
    _, right = header_cells(app)
    assert said in [cell.text for cell in right]
    await app.link.close()
