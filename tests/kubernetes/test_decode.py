"""Bytes to objects: hostile text, quantities, lists, labels and owners, and what it costs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from providers.kubernetes import decode, objects, quantities
from providers.kubernetes.decode import Unreadable, bookmark, error_status, gist, versions
from providers.model import Owner
from providers.text import clean

from . import samples


def read(body: samples.Json) -> Any:
    codec = decode.pods()
    return codec.convert(codec.change(samples.line("ADDED", body)).object)


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("4", 4.0),
        ("3920m", 3.92),
        ("100u", 0.0001),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2k", 2000.0),
        ("-1", -1.0),
        ("", None),
        ("four", None),
        ("1 ", None),
        ("1KiB", None),
        ("1e", None),
    ],
)
def test_cores(text: str, cores: float | None) -> None:
    assert quantities.cores(text) == (cores if cores is None else pytest.approx(cores))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("110", 110),
        ("16Gi", 16 << 30),
        ("15901664Ki", 15901664 << 10),
        ("1.5Gi", 3 << 29),
        ("12e6", 12_000_000),
        ("12E", 12 * 10**18),
        ("1E2", 100),
        ("128974848000m", 128974848),
        ("1m", 1),
        ("9223372036854775807", 9223372036854775807),
        ("1e999", None),
        ("x", None),
    ],
)
def test_counts(text: str, number: int | None) -> None:
    assert quantities.count(text) == number


HOSTILE = "a\x1b]52;c;ZXZpbA==\x07b[red]\u202egpj.exe\u200b\x9b\u2028z" + "e" + "\u0301" * 9


def test_T1_every_string_is_cleaned_where_it_enters() -> None:
    body = samples.pod(HOSTILE, HOSTILE, uid=HOSTILE, **{HOSTILE: HOSTILE})
    body["metadata"] |= {
        "resourceVersion": HOSTILE,
        "ownerReferences": [{"kind": HOSTILE, "name": HOSTILE, "uid": HOSTILE, "controller": True}],
    }
    body["spec"]["nodeName"] = HOSTILE
    body["status"] |= {"phase": HOSTILE, "reason": HOSTILE, "message": HOSTILE, "podIPs": [{"ip": HOSTILE}]}
    assert _dirty(read(body)) == []
    tainted = samples.node(HOSTILE, uid=HOSTILE)
    tainted["metadata"]["labels"] = {f"node-role.kubernetes.io/{HOSTILE}": HOSTILE, decode_zone(): HOSTILE}
    tainted["spec"] = {
        "providerID": HOSTILE,
        "taints": [{"key": HOSTILE, "value": HOSTILE, "effect": HOSTILE}],
    }
    info = dict.fromkeys(("kubeletVersion", "osImage", "kernelVersion", "containerRuntimeVersion"), HOSTILE)
    tainted["status"] = {
        "conditions": [dict.fromkeys(("type", "status", "reason", "message"), HOSTILE)],
        "addresses": [{"type": kind, "address": HOSTILE} for kind in ("InternalIP", "ExternalIP")],
        "nodeInfo": info,
    }
    codec = decode.nodes()
    assert _dirty(codec.convert(codec.change(samples.line("ADDED", tainted)).object)) == []


def decode_zone() -> str:
    return objects.ZONE_LABELS[0]


def _dirty(value: Any, where: str = "") -> list[str]:
    """Fields, at any depth, that cleaning would change."""
    if isinstance(value, str):
        return [where] if clean(value) != value or HOSTILE in value else []
    if isinstance(value, tuple):
        return [each for part in value for each in _dirty(part, where)]
    fields = getattr(value, "__struct_fields__", ())
    return [each for name in fields for each in _dirty(getattr(value, name), f"{where}.{name}")]


def test_lone_surrogates_and_bytes_that_are_no_text_become_visible() -> None:
    codec = decode.pods()
    line = b'{"type":"ADDED","object":{"metadata":{"uid":"u","name":"a\\ud800b","labels":{"k":"\\udfff"}}}}'
    pod: Any = codec.convert(codec.change(line).object)
    assert (pod.name, pod.labels) == ("a\ufffdb", "k=\ufffd")
    pod = codec.convert(
        codec.change(b'{"type":"ADDED","object":{"metadata":{"uid":"u","name":"a\xff"}}}').object
    )
    assert pod.name == "a\ufffd"
    assert codec.garbled == 1


@pytest.mark.parametrize(
    ("labels", "line"),
    [({}, ""), ({"b": "2", "a": "1"}, "a=1,b=2"), ({"app": ""}, "app=")],
)
def test_labels_are_sorted_and_joined(labels: dict[str, str], line: str) -> None:
    assert read(samples.pod("p", uid="u", **labels)).labels == line


def test_only_the_controller_is_the_owner() -> None:
    body = samples.pod("p", uid="u")
    other = {"kind": "ConfigMap", "name": "c", "uid": "1"}
    body["metadata"]["ownerReferences"] = [
        other,
        {"kind": "Job", "name": "j", "uid": "2", "controller": True},
    ]
    assert read(body).owner == Owner("Job", "j", "2")
    body["metadata"]["ownerReferences"] = [other]
    assert read(body).owner is None
    for odd in (None, [], {}, "text", [None]):
        body["metadata"]["ownerReferences"] = odd
        assert read(body).owner is None


@pytest.mark.parametrize(
    ("volumes", "claims"),
    [
        (None, ()),
        ([], ()),
        ([{"name": "token", "projected": {"sources": []}}, {"name": "config", "configMap": {}}], ()),
        ([{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}], ("data-db-0",)),
        # A generic ephemeral volume's claim is made for the pod, and named for both.
        ([{"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}], ("db-0-scratch",)),
        ([{"name": name, "persistentVolumeClaim": {"claimName": "c"}} for name in "ab"], ("c",)),
        ([{"name": "z", "persistentVolumeClaim": None}, {"name": "e", "ephemeral": None}], ()),
        ([{"name": "z", "persistentVolumeClaim": {"claimName": HOSTILE}}], (clean(HOSTILE),)),
    ],
)
def test_claims_are_those_that_the_volumes_name(volumes: Any, claims: tuple[str, ...]) -> None:
    body = samples.pod("db-0", uid="u")
    body["spec"]["volumes"] = volumes
    assert read(body).claims == claims


def test_what_many_share_is_one_object() -> None:
    first, second = (read(samples.large_pod(number)) for number in (0, 1))
    assert first.owner is second.owner
    assert first.labels is second.labels
    assert first.node is second.node
    assert first.name != second.name


def test_what_is_shared_is_forgotten_when_it_is_too_much() -> None:
    held: objects.Shared[int] = objects.Shared()
    for number in range(held.LIMIT + 10):
        held.keep(number, number)
    assert len(held) == 10


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"7", b'{"items":{}}', b'{"items":[1,2]', b"\xff\xfe"]
)
def test_what_is_no_list_says_so_or_is_empty(body: bytes) -> None:
    try:
        page = decode.pods().page(body)
    except Unreadable:
        return
    assert page.objects == []
    assert page.version == ""


def test_a_page_with_null_items_is_empty() -> None:
    page = decode.pods().page(b'{"metadata":{"resourceVersion":"7","continue":"t"},"items":null}')
    assert (page.objects, page.version, page.token) == ([], "7", "t")


def test_bookmarks_errors_and_gists() -> None:
    end = {"metadata": {"resourceVersion": "9", "annotations": {"k8s.io/initial-events-end": "true"}}}
    assert bookmark(samples.line("BOOKMARK", end)) == ("9", True)
    assert bookmark(samples.line("BOOKMARK", {"metadata": {"resourceVersion": "9"}})) == ("9", False)
    assert bookmark(b'{"object":7}') == ("", False)
    assert error_status(samples.line("ERROR", {"code": 410, "reason": "Expired"})).code == 410
    assert error_status(b"{}").code == 0
    assert gist(b'{"type":"DELETED","object":{"metadata":{"uid":"u"},"spec":7}}') == ("DELETED", "u", "")
    assert gist(b'{"type":"ADDED","object":7}') == ("ADDED", "", "")
    assert gist(b"no") == ("", "", "")


def test_versions_by_uid() -> None:
    items = [{"metadata": {"uid": "u", "resourceVersion": "3"}, "spec": "whatever"}]
    body = json.dumps({"metadata": {"resourceVersion": "5", "continue": "c"}, "items": items}).encode()
    assert versions(body) == ({"u": "3"}, "5", "c")
    with pytest.raises(Unreadable):
        versions(b"<html>")


def benchmark(count: int = 10_000) -> str:
    """CPU seconds for so many pods from lines of a watch to the model's objects."""
    lines = [samples.line("ADDED", samples.large_pod(number)) for number in range(count)]
    codec = decode.pods()
    start = time.process_time()
    shapes = [codec.change(line).object for line in lines]
    decoded = time.process_time()
    made = [codec.convert(shape) for shape in shapes]
    done = time.process_time()
    megabytes = sum(map(len, lines)) / 1e6
    return (
        f"{len(made)} pods, {megabytes:.0f} MB: {decoded - start:.3f} s to shapes, "
        f"{done - decoded:.3f} s to objects"
    )


def test_decoding_builds_only_what_is_shown() -> None:
    """What the benchmark costs follows from this: fields that nobody shows are never built."""
    shape = decode.pods().change(samples.line("ADDED", samples.large_pod(7))).object
    built = json.dumps(_built(shape))
    assert len(built) < 2000 < len(samples.line("ADDED", samples.large_pod(7)))
    assert "managedFields" not in built
    assert "VARIABLE" not in built


def _built(value: Any) -> Any:
    if isinstance(value, list):
        return [_built(each) for each in value]
    fields = getattr(value, "__struct_fields__", None)
    return {name: _built(getattr(value, name)) for name in fields} if fields else str(value)[:40]


if __name__ == "__main__":
    print(benchmark())
