"""What was done is kept until it is read, and what nobody can know any more is called unknown."""

from console.activity import Activity
from providers.model import Ref, Result
from providers.stream import Outcome

RUNNING = Result(ref=Ref("s", "node", "u"), label="node n1", state="running")


def test_A7_an_action_whose_engine_died_is_unknown_not_running() -> None:
    activity = Activity()
    entry = activity.outcome(Outcome(id=3, action="cordon", results=(RUNNING,), final=False), at=1.0)
    activity.abandon("the engine was killed")
    assert entry.level == "error"
    assert "unknown" in entry.title
    assert activity.unread == 1
    activity.read()
    activity.abandon("again")
    assert activity.unread == 0


def test_results_renew_one_entry_and_a_failure_counts_once() -> None:
    activity = Activity()
    failed = Result(ref=RUNNING.ref, label="node n1", state="failed", detail="409")
    activity.outcome(Outcome(id=3, action="cordon", results=(RUNNING,), final=False), at=1.0)
    activity.outcome(Outcome(id=3, action="cordon", results=(failed,), final=True), at=2.0)
    assert [entry.title for entry in activity.entries] == ["cordon: node n1 failed, 409"]
    assert activity.unread == 1


def test_what_got_no_answer_is_told_before_it_is_known_how_it_ended() -> None:
    activity = Activity()
    lost = Result(ref=RUNNING.ref, label="instance i", state="unknown", detail="sent, no answer")
    sent = Outcome(id=1, action="stop", results=(lost,), final=False)
    assert activity.outcome(sent, 1.0).level == "warning"
    assert activity.level_of(1) == "warning"
    activity.abandon("the engine is gone")
    assert activity.unread == 1
