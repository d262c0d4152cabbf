"""What a filter means, and what it says when it is wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet import Fleet, Item
from console.query import QueryError, compile_query
from providers.model import About, Health, Instance, Node, Owner, Pod, Ref, SourceInfo
from providers.stream import Frame
from tests.fleet.worlds import upsert

NOW = 100_000.0
HOUR = 3600.0

POD = Pod(
    uid="p1",
    namespace="checkout",
    name="api-7f9c9d5b7b-x2x8k",
    created=NOW - 2 * HOUR,
    status="CrashLoopBackOff",
    ready=1,
    containers=2,
    restarts=7,
    node="ip-10-0-3-17.eu-west-1.compute.internal",
    ip="10.1.2.3",
    phase="Running",
    owner=Owner("ReplicaSet", "api-7f9c9d5b7b", "rs"),
    labels="app=api,app.kubernetes.io/name=api,tier=backend",
    message="back-off 5m0s restarting failed container",
)
NODE = Node(
    uid="n1",
    name="ip-10-0-3-17.eu-west-1.compute.internal",
    created=NOW - 86400,
    status="NotReady,SchedulingDisabled",
    ready=False,
    unschedulable=True,
    roles="control-plane",
    version="v1.36.3",
    cpu=8.0,
    memory=32 * 1024**3,
    zone="eu-west-1b",
    instance_type="c6i.2xlarge",
    provider_id="aws:///eu-west-1b/i-0abc",
    labels="pool=blue",
)
INSTANCE = Instance(
    provider_id="aws:///eu-west-1b/i-0abc",
    uid="i-0abc",
    name="worker-1",
    state="running",
    lifecycle="spot",
    launched=NOW - 60,
    tags=(("Team", "sre"), ("Name", "worker-1")),
    private_ip="10.0.3.17",
)


def one(obj: Any, source: str = "prod-eu") -> Item:
    fleet = Fleet()
    info = SourceInfo(name=source, provider="x", account="123", region="eu-west-1")
    fleet.apply(Frame(1.0, source, About(info)))
    fleet.apply(upsert(source, NODE, INSTANCE, POD, obj))
    kind = type(obj).__struct_config__.tag
    item = fleet.item(Ref(source, kind, obj.uid))
    assert item is not None
    return item


def matches(text: str, obj: Any) -> bool:
    item = one(obj)
    return compile_query(text, item.kind, NOW).matches(item)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "api",
        "API x2x8k",
        "crash checkout",
        "prod-eu",
        "!worker",
        '"CrashLoop"',
        "/^api-[0-9a-f]+-\\w+$/",
        "/^checkout$/",
        "!/^web/",
        "status:crash",
        "status:Running,crash",
        "!status:running",
        "ns:checkout",
        "namespace:checkout,web",
        "ns:check*",
        "name:x2x8k",
        "name:api-*",
        "name:/^api/",
        "node:ip-10-0-3-17",
        "node:ip-10-0-3",
        "!node:10-0-3-17",
        "!node:/^ip-10-0-3-1$/",
        "!ip:0.1.2.3",
        "ip:10.1.2.",
        "cluster:prod-eu",
        "ctx:prod-*",
        "account:123",
        "region:eu-west",
        "zone:eu-west-1b",
        "owner:ReplicaSet",
        'owner:"ReplicaSet api"',
        "ip:10.1.2.3",
        "label:app",
        "label:app=api",
        "label:app.kubernetes.io/name=api",
        "label:tier=back*",
        "label:ti*",
        "!label:app=web",
        "!label:gone",
        "app=api",
        "app=api,tier=backend",
        "app!=web",
        "!app=web",
        "app.kubernetes.io/name=api",
        "age>1h",
        "age>=2h",
        "age<2h1m",
        "age<1d",
        "age:>1h30m",
        "restarts>3",
        "restarts>=7",
        "restarts:7",
        "restarts=7",
        "restarts:1,7",
        "restarts!=3",
        "!restarts>7",
        "ready:no",
        "!ready:yes",
        "message:back-off",
        "phase:Running",
        "10.1.2.3 !status:Running restarts>3 ns:checkout",
    ],
)
def test_matches_the_pod(text: str) -> None:
    assert matches(text, POD)


@pytest.mark.parametrize(
    "text",
    [
        "worker",
        "api worker",
        "!api",
        "/^pi/",
        "status:Running",
        "status:back",
        "ns:check",
        "node:10-0-3-17",
        "node:/^ip-10-0-3-1$/",
        "ip:0.1.2.3",
        "zone:us",
        "label:ap",
        "label:app=ap",
        "app=ap",
        "app=api,tier=front",
        "app!=api",
        "age>3h",
        "age<1h",
        "restarts>7",
        "restarts<7",
        "ready:yes",
        'owner:""',
        "cluster:prod",
        "source:prod",
    ],
)
def test_does_not_match_the_pod(text: str) -> None:
    assert not matches(text, POD)


@pytest.mark.parametrize(
    "text",
    [
        "status:NotReady",
        "status:SchedulingDisabled",
        "!status:ready",
        "cordoned:yes",
        "ready:no",
        "cpu>=8",
        "cpu<8500m",
        "memory>16Gi",
        "memory<=32Gi",
        "mem>16G",
        "pods>0",
        "role:control-plane",
        "version:v1.36",
        "type:c6i",
        "zone:eu-west-1",
        "state:running",
        "lifecycle:spot",
        "label:pool=blue",
        "pool=blue",
        "i-0abc",
        "age>23h",
    ],
)
def test_matches_the_node(text: str) -> None:
    item = one(NODE)
    item.source.complete.add("pod")
    assert compile_query(text, "node", NOW).matches(item)


def test_matches_the_instance_by_its_own_words() -> None:
    for text in (
        "state:running",
        "tag:Team=sre",
        "team=sre",
        "label:team",
        "lifecycle:spot",
        "node:ip-10-0-3-17",
        "node:ip-10-0-3",
    ):
        assert matches(text, INSTANCE), text
    assert not matches("state:stopped", INSTANCE)


@pytest.mark.parametrize(
    "text", ["cpu>1", "cpu<1", "!cpu>1", "!cpu<1", "cpu!=1", "age>1s", "!age>1s", "pods<9"]
)
def test_the_unknown_answers_neither_yes_nor_no(text: str) -> None:
    assert not matches(text, Node(uid="n2", name="new"))


def test_unknown_readiness_is_neither() -> None:
    assert not matches("ready:yes", Node(uid="n2", name="new"))
    assert not matches("ready:no", Node(uid="n2", name="new"))
    assert matches("!status:Running", Pod(uid="p2", name="p", namespace="n"))


def test_none_of_it_can_be_asked_for() -> None:
    assert matches('node:""', Pod(uid="p2", name="p", namespace="n"))
    assert matches('owner:""', Pod(uid="p2", name="p", namespace="n"))


def test_ages_stop_where_the_source_stopped() -> None:
    item = one(POD)
    item.source.set_health(Health(state="lost", since=NOW - HOUR))
    assert not compile_query("age>90m", "pod", NOW).matches(item)


def test_a_clock_is_asked_each_time() -> None:
    item, clock = one(POD), [NOW]
    query = compile_query("age>3h", "pod", lambda: clock[0])
    assert query.timed
    assert not query.matches(item)
    clock[0] += 2 * HOUR
    assert query.matches(item)


@pytest.mark.parametrize(
    ("text", "kind", "said", "place"),
    [
        ("sttus:x", "pod", "did you mean 'status'?", "sttus"),
        ("api !nosuch:x", "pod", "There are cluster, namespace, name", "nosuch"),
        ("cpu>8", "pod", "pods have no 'cpu'; nodes have", "cpu"),
        ("web restarts>3", "node", "nodes have no 'restarts'; pods have", "restarts"),
        ("restarts>lots", "pod", "'lots' is no number, such as 3", "lots"),
        ("restarts>", "pod", "restarts needs a number", ">"),
        ("age>1x", "pod", "'1x' is no duration, such as 1h", "1x"),
        ("age>5", "pod", "'5' is no duration", "5"),
        ("age:1h", "pod", "age needs < or >, such as age>1h", "age:1h"),
        ("memory>16Q", "node", "'16Q' is no amount of memory, such as 16Gi", "16Q"),
        ("restarts>3,4", "pod", "one value", ",4"),
        ("status>x", "pod", "can't be compared: use status:value", ">x"),
        ("ready:maybe", "pod", "yes or no, not 'maybe'", "maybe"),
        ("status:", "pod", "needs a value", "status:"),
        ("api !", "pod", "! needs a word", "!"),
        ('web "api', "pod", "the quote is not closed", '"api'),
        ("web /api", "pod", "not closed: add /", "/api"),
        ("/a(b/", "pod", "the regular expression is wrong: missing )", "(b/"),
        ("x name:/[/", "pod", "the regular expression is wrong", "[/"),
        ("/(a+)+$/", "pod", "repeats a repeat", "/(a+)+$/"),
        ("/(a|aa)*$/", "pod", "repeats a choice", "/(a|aa)*$/"),
        ("/.*a.*b.*c.*d.*e/", "pod", "one term for each part: /web/ /eu/", "/.*a.*b.*c.*d.*e/"),
        ("app=x,y", "pod", "key=value", "y"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, kind: str, said: str, place: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_query(text, kind, NOW)
    assert said in str(caught.value)
    assert text[caught.value.start : caught.value.end] == place


SLOW = [
    "a.*a.*a.*a.*x",
    ".*.*.*.*x",
    ".*.*.*x",
    "^.*.*.*.*x",
    "^(.*)(.*)(.*)(.*)x",
    "(a?){25}a{25}",
    "(a|aa){1,31}x",
    ".{0,31}.{0,31}.{0,31}.{0,31}x",
    "(?=.*a)(?=.*b)(?=.*c)",
    "(?:x|.*.*.*)y",
    "(a?b*){3}x",
    "(a*?){3}b",
]
QUICK = [
    "^api-\\d+$",
    "web.*prod.*",
    "^.*.*.*x",
    "^web-\\d+-[a-z]+-[a-z]+$",
    "(web|api|db)-\\d{1,3}$",
    "a?b?c?d?",
    "(?i)x{3,40}",
    "(ab){2,31}",
    "[0-9a-f]{8}-[0-9a-f]{4}",
]


@pytest.mark.parametrize("text", SLOW)
def test_an_expression_that_could_take_minutes_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="for ever"):
        compile_query(f"/{text}/", "pod", NOW)


@pytest.mark.parametrize("text", QUICK)
def test_an_expression_that_people_write_is_taken(text: str) -> None:
    compile_query(f"/{text}/", "pod", NOW)


def test_a_filter_beyond_measure_is_refused() -> None:
    with pytest.raises(QueryError):
        compile_query("x " * 1000, "pod", NOW)
    with pytest.raises(QueryError):
        compile_query(f"/{'a' * 300}/", "pod", NOW)


def test_a_filter_with_a_space_in_it_does_not_match_everything() -> None:
    assert not matches("api nothing", POD)
    assert not matches('"api nothing"', POD)


@settings(deadline=None)
@given(
    st.text(alphabet="ab:=<>!/\"'(*)+[]{}\\,. 19hGi-staus", max_size=30),
    st.sampled_from(["pod", "node", "source"]),
)
def test_any_text_is_understood_or_refused_with_a_place(text: str, kind: str) -> None:
    place = (0, 1)
    try:
        query = compile_query(text, kind, NOW)
    except QueryError as error:
        place = (error.start, error.end)
    else:
        item = one(POD if kind == "pod" else NODE)
        assert query.matches(item.source.item if kind == "source" else item) in (True, False)
    assert 0 <= place[0] < place[1] <= max(1, len(text))


def test_an_expression_that_is_let_through_comes_back() -> None:
    hostile = Pod(uid="p9", namespace="n", name="a" * 253)
    item = one(hostile)
    began = time.process_time()
    compile_query("/.*.*[xy]/", "pod", NOW).matches(item)
    assert time.process_time() - began < 5.0


def test_equal_filters_are_equal_so_that_rows_are_not_made_again() -> None:
    assert compile_query("api", "pod", NOW) == compile_query("api", "pod", lambda: 1.0)
    assert compile_query("api", "pod", NOW) != compile_query("api", "node", NOW)


@pytest.mark.parametrize(
    ("narrower", "wider"),
    [
        ("api", "ap"),
        ("api", ""),
        ("api web", "ap we"),
        ("api status:run", "api"),
        ("API-1 !web", "api !web"),
        ('"two words"', "two"),
        ("/a/ x", "/a/"),
    ],
)
def test_typing_on_narrows(narrower: str, wider: str) -> None:
    assert compile_query(narrower, "pod", NOW).refines(compile_query(wider, "pod", NOW))


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ("ap", "api"),
        ("web", "api"),
        ("status:runn", "status:run"),
        ("!api", "!ap"),
        ("!ap", "ap"),
        ("ap", "!ap"),
        ("api age>1h", "api"),
        ("/ab/", "/a/"),
        ("status", "status:run"),
    ],
)
def test_what_may_match_more_does_not_count_as_narrower(other: str, text: str) -> None:
    assert not compile_query(other, "pod", NOW).refines(compile_query(text, "pod", NOW))


terms = st.lists(
    st.sampled_from(["a", "ap", "api", "!a", "!api", "/a/", "ns:c*", "status:crash", '"pi"', "ready:no"])
)


@settings(deadline=None)
@given(terms, terms)
def test_what_refines_another_never_matches_more(one_text: list[str], other_text: list[str]) -> None:
    narrower = compile_query(" ".join(one_text), "pod", NOW)
    wider = compile_query(" ".join(other_text), "pod", NOW)
    if narrower.refines(wider):
        for obj in (POD, Pod(uid="q", namespace="c", name="ap"), Pod(uid="r", namespace="n", name="pi")):
            item = one(obj)
            assert wider.matches(item) or not narrower.matches(item)
