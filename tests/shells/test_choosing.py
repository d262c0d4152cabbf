"""Which way is taken without asking, and which after one that failed."""

from __future__ import annotations

import pytest
from msgspec import structs

from console.shells.choosing import Chosen, Memory, after, decide, named
from providers.model import Offer
from tests.shells.scripted import SSH, SSM, TARGET

CLOSED = Offer(way="ssh", title="SSH", refused="no address")
DEBUG = Offer(way="debug", title="Debug pod", typed="debug")
SPARE = Offer(way="asyncssh", title="SSH by the engine", spare=True)
FIRST = Offer(way="exec", title="api", choice="api")
SECOND = Offer(way="exec", title="proxy", choice="proxy")


@pytest.mark.parametrize(
    ("offers", "prefer", "last", "taken"),
    [
        ((SSH,), (), None, SSH),
        ((SSH, DEBUG), (), None, SSH),
        ((CLOSED, SSM), (), None, SSM),
        ((SSH, SSM), (), None, None),
        ((SSH, SSM), ("ssm", "ssh"), None, SSM),
        ((CLOSED, SSM, FIRST), ("ssh", "ssm"), None, SSM),
        ((SSH, SSM), (), ("ssm", ""), SSM),
        ((SSH, SSM), ("ssh",), ("ssm", ""), SSH),
        ((FIRST, SECOND), (), None, None),
        ((FIRST, SECOND), ("exec",), None, FIRST),
        ((FIRST, SECOND), (), ("exec", "proxy"), SECOND),
        ((SSH, SPARE), (), None, SSH),
        ((CLOSED, SPARE), (), None, SPARE),
        ((SSH, SPARE), (), ("asyncssh", ""), SPARE),
        ((SSH, SSM, SPARE), (), None, None),
        ((DEBUG,), (), None, None),
        ((DEBUG,), ("debug",), None, DEBUG),
        ((CLOSED,), (), None, None),
        ((), (), None, None),
    ],
)
def test_what_is_taken_at_once(
    offers: tuple[Offer, ...], prefer: tuple[str, ...], last: Chosen | None, taken: Offer | None
) -> None:
    assert decide(offers, prefer, last) is taken


def test_a_way_is_named_with_or_without_its_choice() -> None:
    assert named((SSH, FIRST, SECOND), "exec") == [FIRST, SECOND]
    assert named((SSH, FIRST, SECOND), "exec proxy") == [SECOND]
    assert named((SSH,), "ssm") == []


def test_after_a_way_that_failed_comes_the_next_open_one_and_never_the_same() -> None:
    assert after((SSH, SSM, DEBUG), SSH) is SSM
    assert after((SSM, SSH), SSH) is SSM
    assert after((SSH, DEBUG, CLOSED), SSH) is None
    assert after((FIRST, SECOND), FIRST) is None


def test_after_a_host_key_that_was_refused_no_other_way_over_ssh_is_tried() -> None:
    ours, other = (structs.replace(offer, ssh=True) for offer in (SPARE, SSH))
    assert after((other, ours, SSM), other) is ours
    assert after((other, ours, SSM), other, final=True) is SSM
    assert after((other, ours), other, final=True) is None


def test_what_was_chosen_is_remembered_for_such_objects_only() -> None:
    memory = Memory()
    memory.note(TARGET, "shell", SECOND)
    assert memory.last(TARGET, "shell") == ("exec", "proxy")
    assert memory.last(TARGET, "logs") is None
