"""What the hook reads of EC2's answers is what botocore's own parser reads, field by field."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import EC2QueryParser, ResponseParserError
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.aws.details import STATUS, status
from providers.aws.fields import Fields, Tree
from providers.aws.instances import INSTANCE, instance
from providers.aws.pages import READ, READERS, Pages, Reader, prepare
from providers.aws.records import VOLUME, volume
from tests.aws import rendered
from tests.aws.cloud import HOME, IMAGE, Cloud
from tests.aws.machinery import reservations, uid_of
from tests.aws.middleman import between

INSTANCES, STATUSES, VOLUMES = READERS
_RESERVATION: Tree = {"reservationId": "ReservationId", "instancesSet": ("Instances", [INSTANCE])}
PLACES: dict[str, tuple[str, str, Tree]] = {
    "DescribeInstances": ("reservationSet", "Reservations", _RESERVATION),
    "DescribeInstanceStatus": ("instanceStatusSet", "InstanceStatuses", STATUS),
    "DescribeVolumes": ("volumeSet", "Volumes", VOLUME),
}


def by_botocore(operation: str, body: bytes) -> dict[str, Any]:
    shape = rendered.model("ec2").operation_model(operation).output_shape
    parsed = EC2QueryParser().parse({"status_code": 200, "headers": {}, "body": body}, shape)
    return dict(parsed)


def projected(value: Any, tree: Tree) -> dict[str, Any]:
    """Of what botocore read, the fields that are wanted, as the text they were."""
    found = {}
    for meant in tree.values():
        name, inner = meant if isinstance(meant, tuple) else (meant, None)
        if name in value:
            found[name] = _text(value[name]) if inner is None else _inside(value[name], inner)
    return found


def _inside(value: Any, inner: Any) -> Any:
    return (
        [projected(each, inner[0]) for each in value] if isinstance(inner, list) else projected(value, inner)
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(value, datetime) else str(value)


def same(operation: str, body: bytes) -> list[Any]:
    """Both ways give the same fields and the same objects, which it returns."""
    element, member, tree = PLACES[operation]
    parsed = by_botocore(operation, body)
    read = Fields(f"{operation}Response", {element: (member, [tree])}).read([body])
    assert read.get(member, []) == [projected(each, tree) for each in parsed.get(member, [])]
    reader = next(reader for reader in READERS if reader.operation == operation)
    objects = Pages(reader).page(body).objects
    assert objects == list(_made(operation, parsed.get(member, [])))
    return objects


def _made(operation: str, found: list[Any]) -> Iterator[Any]:
    if operation == "DescribeInstances":
        return (instance(each) for held in found for each in held.get("Instances", ()))
    return map({"DescribeInstanceStatus": status, "DescribeVolumes": volume}[operation], found)


# ---- both parsers ------------------------------------------------------------------------------------

_legal = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "\t\n\r\x7f\x85\x9b\u202e\u200b\ufeff<>&\"'[]"
)
words = st.text(_legal, max_size=24)
hostile = st.sampled_from(
    [
        "[@click='app.quit']x[/]",
        "</value></item></tagSet><reservationId>r-1</reservationId>",
        "<reservationSet>",
        "]]>",
        "<!-- -->",
        "&#x1b;]52;c;aGk=",
        "\u202egnp.exe",
        "a&amp;b",
    ]
)
tags = st.lists(
    st.fixed_dictionaries({"Key": words | hostile, "Value": words | hostile | st.just("")}), max_size=6
)
times = st.datetimes(datetime(2006, 8, 25), datetime(2099, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
interface = st.fixed_dictionaries(
    {"NetworkInterfaceId": st.just("eni-1")},
    optional={
        "PrivateIpAddress": words,
        "VpcId": words,
        "Groups": st.lists(st.fixed_dictionaries({"GroupId": words}), max_size=2),
        "Ipv6Addresses": st.just([{"Ipv6Address": "2001:db8::1"}]),
        "TagSet": tags,
    },
)
described = st.fixed_dictionaries(
    {"InstanceId": st.from_regex(r"i-[0-9a-f]{17}", fullmatch=True)},
    optional={
        "ImageId": words,
        "State": st.fixed_dictionaries(
            {"Code": st.just(16), "Name": st.sampled_from(["running", "terminated"])}
        ),
        "StateTransitionReason": words | st.just("User initiated (2026-11-24 02:13:24 GMT)"),
        "StateReason": st.fixed_dictionaries({"Code": words, "Message": words}),
        "InstanceType": words,
        "LaunchTime": times,
        "Placement": st.fixed_dictionaries({}, optional={"AvailabilityZone": words, "GroupName": words}),
        "PrivateIpAddress": words,
        "PublicIpAddress": words,
        "Ipv6Address": st.just("2001:db8::7"),
        "VpcId": words,
        "Platform": st.sampled_from(["windows", "Windows", ""]),
        "PlatformDetails": words | st.just("Red Hat Enterprise Linux"),
        "InstanceLifecycle": st.sampled_from(["spot", "scheduled", "capacity-block"]),
        "Tags": tags,
        "NetworkInterfaces": st.lists(interface, max_size=3),
        "SecurityGroups": st.lists(st.fixed_dictionaries({"GroupId": words}), max_size=2),
    },
)
reservation = st.fixed_dictionaries(
    {
        "ReservationId": st.from_regex(r"r-[0-9a-f]{17}", fullmatch=True),
        "Instances": st.lists(described, max_size=3),
    },
    optional={"Groups": st.just([])},
)


@given(st.lists(reservation, max_size=4), st.sampled_from(["", "a<b&c"]))
@settings(max_examples=80, deadline=None)
def test_any_page_of_instances_is_read_the_same(held: list[Any], token: str) -> None:
    same("DescribeInstances", rendered.page(held, token))


@given(st.lists(reservation, min_size=1, max_size=5), st.data())
@settings(max_examples=40, deadline=None)
def test_a_page_that_changed_in_part_is_read_the_same(held: list[Any], data: st.DataObject) -> None:
    pages = Pages(INSTANCES)
    before = pages.page(rendered.page(held))
    changed = [data.draw(reservation) if data.draw(st.booleans()) else each for each in held]
    changed = data.draw(st.permutations(changed))[: data.draw(st.integers(0, len(changed)))]
    after = pages.page(rendered.page(changed))
    assert after.objects == Pages(INSTANCES).page(rendered.page(changed)).objects
    assert before.objects == Pages(INSTANCES).page(rendered.page(held)).objects


_check = st.fixed_dictionaries(
    {"Status": st.sampled_from(["ok", "impaired", "initializing", "not-applicable"])}
)
_event = st.fixed_dictionaries({"Code": words, "Description": words}, optional={"NotBefore": times})


@given(
    st.lists(
        st.fixed_dictionaries(
            {"InstanceId": words},
            optional={
                "SystemStatus": _check,
                "InstanceStatus": _check,
                "AttachedEbsStatus": _check,
                "Events": st.lists(_event, max_size=2),
            },
        ),
        max_size=4,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_page_of_statuses_is_read_the_same(held: list[Any]) -> None:
    same("DescribeInstanceStatus", rendered.answer("DescribeInstanceStatus", {"InstanceStatuses": held}))


@given(
    st.lists(
        st.fixed_dictionaries(
            {"VolumeId": words},
            optional={
                "Size": st.integers(0, 16384),
                "Iops": st.integers(0, 64000),
                "State": words,
                "Encrypted": st.booleans(),
                "CreateTime": times,
                "Attachments": st.lists(
                    st.fixed_dictionaries({"VolumeId": words, "InstanceId": words, "Device": words}),
                    max_size=2,
                ),
                "Tags": tags,
            },
        ),
        max_size=4,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_page_of_volumes_is_read_the_same(held: list[Any]) -> None:
    same("DescribeVolumes", rendered.answer("DescribeVolumes", {"Volumes": held}))


def test_large_pages_are_read_the_same() -> None:
    assert len(same("DescribeInstances", rendered.page(reservations("eu-west-1", 60), "next"))) == 60


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.operation)
def test_what_moto_answers_is_read_the_same(cloud: Cloud, reader: Reader) -> None:
    ec2 = cloud.client("ec2")
    specification = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "<b>&[red]\u202e"}]}
    for _ in range(2):
        ec2.run_instances(ImageId=IMAGE, MinCount=2, MaxCount=2, TagSpecifications=[specification])
    ids = [
        each["InstanceId"] for held in ec2.describe_instances()["Reservations"] for each in held["Instances"]
    ]
    ec2.stop_instances(InstanceIds=ids[:1])
    ec2.terminate_instances(InstanceIds=ids[1:2])
    bodies: list[bytes] = []
    ec2.meta.events.register(
        f"before-parse.ec2.{reader.operation}",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    getattr(ec2, _method(reader.operation))()
    assert same(reader.operation, bodies[0])


def _method(operation: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in operation).lstrip("_")


# ---- what is known again -----------------------------------------------------------------------------


def test_what_has_not_changed_is_the_same_object() -> None:
    held, pages = reservations("eu-west-1", 5), Pages(INSTANCES)
    before = pages.page(rendered.page(held))
    again = pages.page(rendered.page(held).replace(b"fdcdcab1", b"00000000"))  # another request's id
    assert again is before
    held[2] = reservations("eu-west-1", 5, generation=1)[2]
    after = pages.page(rendered.page(held))
    kept = [one is other for one, other in zip(before.pieces, after.pieces, strict=True)]
    assert kept == [True, True, False, True, True]
    assert after.objects[2].name == "node-00002-1"


def test_what_nobody_holds_is_forgotten() -> None:
    pages, body = Pages(INSTANCES), rendered.page(reservations("eu-west-1", 5))
    page = pages.page(body)
    held = [weakref.ref(page), *map(weakref.ref, page.pieces)]
    del page
    assert [each() for each in held] == [None] * 6


def test_unchanged_pages_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    body, pages = rendered.page(reservations("eu-west-1", 50)), Pages(INSTANCES)
    kept = pages.page(body)
    monkeypatch.setattr(Reader, "made", lambda *_: pytest.fail("parsed again"))
    assert pages.page(body) is kept


# ---- bodies that are not as they should be -----------------------------------------------------------

ODD = {
    "CDATA": (b"<key>Name</key>", b"<key><![CDATA[Na]]>me<!-- x --></key>"),
    "a comment": (b"<reservationSet>", b"<!-- <reservationSet><item><reservationId> --><reservationSet>"),
    "line feeds": (b"\n    ", b"\r\n"),
    "unknown elements": (
        b"<instanceId>",
        b"<instanceId2><item><instanceId>no</instanceId></item></instanceId2><instanceId>",
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_but_legal_xml_is_read_the_same(odd: str) -> None:
    body = rendered.page(reservations("eu-west-1", 4)).replace(*ODD[odd])
    assert len(same("DescribeInstances", body)) == 4


CONTROLS = {b"\x1b": "␛", b"&#27;": "␛", b"&#x1B;": "␛", b"\x00": "␀", b"&#0;": "␀", b"&#x7;": "␇"}


@pytest.mark.parametrize("control", CONTROLS)
def test_one_control_character_does_not_hide_a_page(control: bytes) -> None:
    body = rendered.page(reservations("eu-west-1", 3)).replace(b"node-00001-0", b"no" + control + b"[31mde")
    with pytest.raises(ResponseParserError):
        by_botocore("DescribeInstances", body)
    response, answer = taken(body)
    names = [each.name for each in answer[READ].objects]
    assert names == ["node-00000-0", f"no{CONTROLS[control]}[31mde", "node-00002-0"]
    by_botocore("DescribeInstances", response["body"])


def taken(body: bytes, status_code: int = 200) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the hook makes of a response, and what it puts into the answer."""
    response, answer = {"status_code": status_code, "body": body}, dict[str, Any]()
    Pages(INSTANCES).take(response, answer)
    return response, answer


_PAGE = rendered.page(reservations("eu-west-1", 3), "more")
_LAUGHS = b"".join(
    b'<!ENTITY %c "%b">' % (code, b"&%c;" % (code - 1) * 10 if code > 97 else b"ha")
    for code in range(97, 110)
)
NOT_A_PAGE = {
    "nothing": b"",
    "text": b"Service Unavailable",
    "HTML": b"<html><body><p>log in</p></body></html>",
    "HTML that is no XML": b"<!DOCTYPE html><html><br></html>",
    "another answer": rendered.answer("DescribeVolumes", {"Volumes": [{"VolumeId": "vol-1"}]}),
    "an error as 200": b"<Response><Errors><Error><Code>Odd</Code></Error></Errors></Response>",
    "entities": b"<!DOCTYPE l [%b]><DescribeInstancesResponse>&m;</DescribeInstancesResponse>" % _LAUGHS,
    "two documents": _PAGE + _PAGE,
    "bytes that are no UTF-8": _PAGE.replace(b"node-00001", b"node\xff\xfe"),
    "another encoding": _PAGE.decode().encode("utf-16"),
    "an element where text should be": _PAGE.replace(b"<vpcId>", b"<vpcId><x/>"),
}


@pytest.mark.parametrize("body", NOT_A_PAGE.values(), ids=NOT_A_PAGE.keys())
def test_what_is_no_page_is_said_to_be_none(body: bytes) -> None:
    """Never an empty list: then every instance would be gone."""
    before = time.process_time()
    with pytest.raises(ResponseParserError, match="DescribeInstances was answered with"):
        taken(body)
    assert time.process_time() - before < 1.0


def test_a_page_that_is_cut_off_anywhere_is_none() -> None:
    for length in {*range(0, len(_PAGE), 997), *range(len(_PAGE) - 300, len(_PAGE))}:
        with pytest.raises(ResponseParserError):
            taken(_PAGE[:length])


@pytest.mark.parametrize("status_code", [301, 400, 401, 403, 500, 503])
def test_errors_are_left_to_botocore(status_code: int) -> None:
    error = b"<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>"
    response, answer = taken(error, status_code)
    assert response["body"] is error
    assert not answer


# ---- on a client of boto3 ----------------------------------------------------------------------------


@pytest.mark.parametrize("last_first", [False, True], ids=["token after", "token before"])
def test_botocore_turns_the_pages(last_first: bool, cloud: Cloud) -> None:
    """Its own paginator, with the token wherever EC2 puts it."""
    first, second = rendered.page(reservations("eu-west-1", 3), "t<1>"), rendered.page(reservations("x", 2))
    if last_first:
        token = b"    <nextToken>t&lt;1&gt;</nextToken>\n"
        first = first.replace(token, b"").replace(
            b"</DescribeInstancesResponse>", token + b"</DescribeInstancesResponse>"
        )
    with between(cloud.url) as middleman:
        ec2 = hooked(cloud, middleman.url)
        pages = ec2.get_paginator("describe_instances").paginate()
        found = []
        middleman.bodies["DescribeInstances"] = first
        for page in pages:
            middleman.bodies["DescribeInstances"] = second
            assert page["Reservations"] == []
            assert page["ResponseMetadata"]["HTTPStatusCode"] == 200
            found += page[READ].objects
    assert [each.uid for each in found] == [uid_of("eu-west-1", n) for n in range(3)] + [
        uid_of("x", n) for n in range(2)
    ]
    assert [asked.get("NextToken") for asked in middleman.asked] == [None, "t<1>"]


def test_who_asks_for_one_gets_all_of_it(cloud: Cloud) -> None:
    ec2 = hooked(cloud, cloud.url)
    uid = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    answer = ec2.describe_instances(InstanceIds=[uid])
    assert answer["Reservations"][0]["Instances"][0]["NetworkInterfaces"]
    assert [each.uid for each in answer[READ].objects] == [uid]


def test_an_error_of_the_server_is_botocores(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
        hooked(cloud, cloud.url).describe_instances(InstanceIds=["i-0123456789abcdef0"])


def hooked(cloud: Cloud, url: str) -> Any:
    client = cloud._session(HOME).client("ec2", region_name="eu-west-1", endpoint_url=url)
    prepare(client)
    return client
