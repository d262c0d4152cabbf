"""The outbox: bounded, in an order that means something, and the last state right on a slow console."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.engine.outbox import OBJECTS_A_FRAME, OUTPUT_BYTES, Outbox
from providers.model import (
    About,
    Began,
    Complete,
    Deletes,
    Health,
    Node,
    SourceInfo,
    Upserts,
)
from providers.stream import Beat, Failed, Frame, Gone, Outcome, Output
from tests.engine.strange import pod


def drained(outbox: Outbox) -> list[Frame]:
    frames: list[Frame] = []
    while taken := outbox.take():
        frames += taken
    return frames


def bodies(outbox: Outbox) -> list[Any]:
    return [frame.body for frame in drained(outbox)]


def live(since: float = 0.0) -> Health:
    return Health(state="live", since=since)


def test_an_object_told_twice_is_sent_once_as_it_is_last() -> None:
    outbox = Outbox()
    outbox.upsert("lab", pod("a"), new=True)
    outbox.upsert("lab", pod("b"), new=True)
    outbox.upsert("lab", pod("a", status="Error"), new=False)
    assert bodies(outbox) == [Upserts((pod("a", status="Error"), pod("b")))]


def test_objects_of_one_uid_in_two_sources_or_kinds_are_two() -> None:
    outbox = Outbox()
    outbox.upsert("lab", pod("a"), new=True)
    outbox.upsert("lab", Node(uid="a", name="n"), new=True)
    outbox.upsert("edge", pod("a"), new=True)
    assert [(f.source, f.body) for f in drained(outbox)] == [
        ("lab", Upserts((pod("a"), Node(uid="a", name="n")))),
        ("edge", Upserts((pod("a"),))),
    ]


def test_complete_and_health_come_after_all_that_they_cover() -> None:
    outbox = Outbox()
    outbox.tell("lab", Began("pod"))
    outbox.upsert("lab", pod("a"), new=True)
    outbox.delete("lab", "pod", ["old"])
    outbox.tell("lab", Complete("pod"))
    outbox.tell("lab", live())
    outbox.upsert("lab", pod("b"), new=True)
    assert bodies(outbox) == [
        Began("pod"),
        Upserts((pod("a"),)),
        Deletes("pod", ("old",)),
        Complete("pod"),
        live(),
        Upserts((pod("b"),)),
    ]


def test_a_relist_before_the_first_was_sent_is_one_longer_list() -> None:
    outbox = Outbox()
    for uid in ("a", "b"):
        outbox.tell("lab", Began("pod"))
        outbox.upsert("lab", pod(uid), new=True)
        outbox.tell("lab", Complete("pod"))
    assert bodies(outbox) == [Began("pod"), Upserts((pod("a"), pod("b"))), Complete("pod")]


def test_a_health_replaces_the_one_that_waits_and_another_kind_does_not() -> None:
    outbox = Outbox()
    denied = Health(state="denied", since=0.0, kind="pod")
    outbox.tell("lab", live())
    outbox.tell("lab", denied)
    outbox.tell("lab", Health(state="lost", since=1.0))
    assert bodies(outbox) == [denied, Health(state="lost", since=1.0)]


def test_what_came_and_went_unsent_is_never_told() -> None:
    outbox = Outbox()
    for number in range(100_000):
        outbox.upsert("lab", pod(str(number)), new=True)
        outbox.delete("lab", "pod", [str(number)])
    assert len(outbox) == 0
    assert bodies(outbox) == []


def test_what_the_console_knows_is_told_to_be_gone_even_after_a_change() -> None:
    outbox = Outbox()
    outbox.upsert("lab", pod("a"), new=True)
    drained(outbox)
    outbox.upsert("lab", pod("a", status="Error"), new=False)
    outbox.delete("lab", "pod", ["a"])
    assert bodies(outbox) == [Deletes("pod", ("a",))]
    outbox.delete("lab", "pod", ["a"])
    outbox.upsert("lab", pod("a", status="back"), new=True)
    outbox.delete("lab", "pod", ["a"])
    assert bodies(outbox) == [Deletes("pod", ("a",))]


def test_a_successor_is_there_before_its_predecessor_goes() -> None:
    outbox = Outbox()
    outbox.delete("lab", "pod", ["old"])
    outbox.upsert("lab", pod("new", name="web-0"), new=True)
    assert bodies(outbox) == [Upserts((pod("new", name="web-0"),)), Deletes("pod", ("old",))]


def test_messages_are_cut_and_no_object_is_lost() -> None:
    outbox = Outbox()
    for number in range(3 * OBJECTS_A_FRAME + 7):
        outbox.upsert(f"lab{number % 2}", pod(str(number)), new=True)
    sizes = []
    while frames := outbox.take():
        sizes.append(sum(len(frame.body.objects) for frame in frames if isinstance(frame.body, Upserts)))
    assert sizes == [OBJECTS_A_FRAME] * 3 + [7]


def test_answers_overtake_objects_and_of_an_outcome_the_last_is_kept() -> None:
    outbox = Outbox()
    outbox.upsert("lab", pod("a"), new=True)
    outbox.answer(Outcome(id=1, action="cordon", results=(), final=False))
    outbox.answer(Failed(id=2, detail="one"))
    outbox.answer(Failed(id=2, detail="two"))
    last = Outcome(id=1, action="cordon", results=(), final=True)
    outbox.answer(last)
    assert bodies(outbox) == [
        Failed(id=2, detail="one"),
        Failed(id=2, detail="two"),
        last,
        Upserts((pod("a"),)),
    ]


def test_a_beat_says_who_was_heard_since_the_last_one() -> None:
    outbox = Outbox()
    outbox.heard("lab", 1.0)
    outbox.heard("lab", 2.0)
    assert bodies(outbox) == []
    outbox.beat()
    outbox.beat()
    assert bodies(outbox) == [Beat({"lab": 2.0})]
    outbox.beat()
    assert bodies(outbox) == [Beat({})]


def test_a_forgotten_source_leaves_nothing_behind() -> None:
    outbox = Outbox()
    for name in ("lab", "edge"):
        outbox.tell(name, About(SourceInfo(name=name, provider="p")))
        outbox.upsert(name, pod("a"), new=True)
    outbox.forget("lab")
    outbox.tell("lab", Gone())
    frames = drained(outbox)
    assert [frame.body for frame in frames if frame.source == "lab"] == [Gone()]
    assert len([frame for frame in frames if frame.source == "edge"]) == 2


STEPS = st.lists(
    st.tuples(st.sampled_from(["upsert", "delete", "began", "complete", "take"]), st.integers(0, 5)),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_happens_the_console_ends_with_the_same_objects(steps: list[tuple[str, int]]) -> None:
    outbox, truth, shown = Outbox(), {}, {}

    def show(frames: list[Frame]) -> None:
        for frame in frames:
            if isinstance(frame.body, Upserts):
                shown.update({obj.uid: obj for obj in frame.body.objects})
            elif isinstance(frame.body, Deletes):
                for uid in frame.body.uids:
                    del shown[uid]  # never told of one that it does not know

    for number, (step, which) in enumerate(steps):
        uid = str(which)
        if step == "upsert":
            outbox.upsert("lab", pod(uid, restarts=number), new=uid not in truth)
            truth[uid] = pod(uid, restarts=number)
        elif step == "delete" and uid in truth:
            outbox.delete("lab", "pod", [uid])
            del truth[uid]
        elif step == "began":
            outbox.tell("lab", Began("pod"))
        elif step == "complete":
            outbox.tell("lab", Complete("pod"))
        elif step == "take":
            show(outbox.take())
        assert len(outbox) <= 6 + 2
    show(drained(outbox))
    assert shown == truth


def test_small_outputs_of_a_session_are_put_together_and_nothing_changes_places() -> None:
    told: list[int] = []
    outbox = Outbox(lambda: told.append(len(outbox)))
    for number, data in ((1, b"a"), (1, b"b"), (2, b"c"), (1, b"d"), (1, b"x" * OUTPUT_BYTES)):
        outbox.answer(Output(id=number, data=data))
    outbox.answer(Failed(id=3, detail="no"))
    outbox.answer(Output(id=1, data=b"e", error=True))
    outbox.answer(Output(id=1, data=b"f"))
    outbox.upsert("lab", pod("a"), new=True)
    assert [frame.body for frame in outbox.take_answers()] == [
        Output(id=1, data=b"ab"),
        Output(id=2, data=b"c"),
        Output(id=1, data=b"d"),
        Output(id=1, data=b"x" * OUTPUT_BYTES),
        Failed(id=3, detail="no"),
        Output(id=1, data=b"e", error=True),
        Output(id=1, data=b"f"),
    ]
    assert len(told) == 8
    assert bodies(outbox) == [Upserts((pod("a"),))]
