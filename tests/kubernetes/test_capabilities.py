"""What can be done to objects, against servers that misbehave as the real one rarely does (see tests/lab)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from providers.contract import Problem, Refused, Subject, Uncertain
from providers.kubernetes.access import Access
from providers.kubernetes.capabilities import Capabilities
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.diagnosis import Diagnosis
from providers.kubernetes.target import User
from providers.model import Ref
from tests.kubernetes.https import Authority, Server, serving, status, target
from tests.kubernetes.test_credentials_exec import plugin, program

Json = dict[str, Any]
POD, NODE = Ref("prod", "pod", "p-1"), Ref("prod", "node", "n-1")
A_NODE = Subject(ref=NODE, kind="Node", name="a", uid="n-1")
A_DEPLOYMENT = Subject(ref=POD, kind="Deployment", name="api", namespace="shop", uid="d-1")
A_POD = Subject(ref=POD, kind="Pod", name="api-0", namespace="shop", uid="p-1", bare=True)


def owned(kind: str, name: str, uid: str) -> list[Json]:
    other = {"kind": "Other", "name": "x", "uid": "x", "controller": False}
    return [other, {"kind": kind, "name": name, "uid": uid, "controller": True}]


def meta(name: str, uid: str, **more: Any) -> Json:
    return {"metadata": {"name": name, "namespace": "shop", "uid": uid, **more}}


class Api:
    """Objects by path; whoever writes gets the answer of `writing`."""

    def __init__(self) -> None:
        self.objects: dict[str, Json | web.Response] = {}
        self.allowed: Callable[[Json], bool] = lambda attributes: True
        self.reviews: dict[str, int] = {}
        self.writing: Callable[[web.Request], Awaitable[web.Response]] = self._done

    async def _done(self, _: web.Request) -> web.Response:
        return web.json_response({})

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("reviews"):
            return await self._review(request)
        if request.method != "GET":
            return await self.writing(request)
        found = self.objects.get(request.path)
        if found is None:
            return status(404, "NotFound", f"{request.path} not found")
        return found if isinstance(found, web.Response) else web.json_response(found)

    async def _review(self, request: web.Request) -> web.Response:
        if code := self.reviews.get(request.path):
            return status(code, "Because", "of the selfsubjectaccessreviews")
        if request.path.endswith("selfsubjectreviews"):
            return web.json_response({"status": {"userInfo": {"username": "jane\x1b[0m"}}})
        attributes = (await request.json())["spec"]["resourceAttributes"]
        return web.json_response({"status": {"allowed": self.allowed(attributes)}})


@asynccontextmanager
async def capable(api: Api) -> AsyncIterator[tuple[Capabilities, Server]]:
    async with serving(api) as server:
        client = Client(target(server.url))
        can = Capabilities(client, client.info)
        can.locate = {POD: ("shop", "api-0"), NODE: ("", "a")}.get
        try:
            yield can, server
        finally:
            await client.close()


# ---- writes as they are sent -------------------------------------------------------------------------


async def test_A3_every_write_is_conditional_and_a_dry_run_is_one() -> None:
    async with capable(Api()) as (can, server):
        for dry_run in (True, False):
            await can.cordon(A_NODE, True, dry_run=dry_run)
            await can.restart(A_DEPLOYMENT, dry_run=dry_run)
            await can.restart(A_POD, dry_run=dry_run)
    cordon, roll, delete = server.seen[:3]
    assert (cordon.method, cordon.path) == ("PATCH", "/api/v1/nodes/a")
    assert cordon.query == {"fieldManager": "quarterdeck", "dryRun": "All"}
    assert cordon.header("Content-Type") == ["application/json-patch+json"]
    assert json.loads(cordon.body) == [
        {"op": "test", "path": "/metadata/uid", "value": "n-1"},
        {"op": "add", "path": "/spec/unschedulable", "value": True},
    ]
    assert (roll.method, roll.path) == ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/api")
    assert roll.header("Content-Type") == ["application/strategic-merge-patch+json"]
    assert json.loads(roll.body)["metadata"] == {"uid": "d-1"}
    assert (delete.method, delete.path) == ("DELETE", "/api/v1/namespaces/shop/pods/api-0")
    assert json.loads(delete.body)["preconditions"] == {"uid": "p-1"}
    assert json.loads(delete.body)["dryRun"] == ["All"]
    cordon, roll, delete = server.seen[3:]
    assert "dryRun" not in cordon.query
    assert "dryRun" not in roll.query
    assert "dryRun" not in json.loads(delete.body)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((404, "NotFound", "nodes a not found"), Refused),
        ((409, "Conflict", "the object has been modified"), Refused),
        ((422, "Invalid", "the server rejected our request due to an error in our request"), Refused),
        ((403, "Forbidden", "cannot patch"), ApiError),
        ((429, "TooManyRequests", "later"), ApiError),
        ((503, "ServiceUnavailable", "later"), ApiError),
        ((500, "InternalError", 'failed calling webhook "w"'), ApiError),
        ((500, "InternalError", "etcdserver: request timed out"), Uncertain),
        ((504, "Timeout", "request did not complete within the allotted timeout"), Uncertain),
    ],
)
async def test_what_the_answer_to_a_write_means(answer: tuple[int, str, str], told: type[Problem]) -> None:
    api = Api()

    async def answering(_: web.Request) -> web.Response:
        return status(*answer)

    api.writing = answering
    async with capable(api) as (can, server):
        for work in (can.cordon(A_NODE, True, dry_run=False), can.restart(A_DEPLOYMENT, dry_run=False)):
            with pytest.raises(told):
                await work
        with pytest.raises(Problem) as caught:
            await can.cordon(A_NODE, True, dry_run=True)
        assert not isinstance(caught.value, Uncertain)
    assert len(server.seen) == 3


async def test_A7_a_connection_lost_is_uncertain_but_not_in_a_dry_run() -> None:
    api = Api()

    async def vanish(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()

    api.writing = vanish
    async with capable(api) as (can, server):
        with pytest.raises(Uncertain):
            await can.restart(A_POD, dry_run=False)
        with pytest.raises(Problem, match="broke the connection") as caught:
            await can.restart(A_POD, dry_run=True)
        assert not isinstance(caught.value, Uncertain)
        assert "dry run" in caught.value.remedy
    assert len(server.seen) == 2


# ---- what owns a pod ---------------------------------------------------------------------------------

PODS, APPS = "/api/v1/namespaces/shop/pods/api-0", "/apis/apps/v1/namespaces/shop"


async def subject(pod: Json, **more: Json) -> Subject:
    api = Api()
    api.objects = {PODS: pod, **{f"{APPS}/{path}": obj for path, obj in more.items()}}
    async with capable(api) as (can, _):
        return await can.workload(POD)


async def test_owners_are_followed_by_uid() -> None:
    pod = meta("api-0", "p-1", ownerReferences=owned("ReplicaSet", "api-7", "r-1"))
    good = {
        "replicasets/api-7": meta("api-7", "r-1", ownerReferences=owned("Deployment", "api", "d-1")),
        "deployments/api": {**meta("api", "d-1"), "status": {"replicas": 3}},
    }
    found = await subject(pod, **good)
    assert (found.kind, found.name, found.uid, found.pods, found.bare) == (
        "Deployment",
        "api",
        "d-1",
        3,
        False,
    )
    for path, obj in good.items():
        replaced = {**good, path: {**obj, "metadata": {**obj["metadata"], "uid": "new"}}}
        with pytest.raises(Refused, match="another one of the same name"):
            await subject(pod, **replaced)
        with pytest.raises(Refused, match="is gone"):
            await subject(pod, **{key: value for key, value in good.items() if key != path})
    alone = {**good, "replicasets/api-7": meta("api-7", "r-1")}
    with pytest.raises(Refused, match="replicaset shop/api-7 stands alone"):
        await subject(pod, **alone)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"annotations": {"kubernetes.io/config.mirror": "x"}}, "is static"),
        ({"ownerReferences": owned("Node", "a", "n-1")}, "is static"),
        (
            {"ownerReferences": owned("Rollout", "api", "x")},
            "belongs to the Rollout api, which has no restart",
        ),
        ({"deletionTimestamp": "2026-01-01T00:00:00Z"}, "is being deleted already"),
    ],
)
async def test_pods_that_have_no_restart(more: Json, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await subject(meta("api-0", "p-1", **more))


async def test_a_pod_of_another_uid_or_an_unreadable_one() -> None:
    with pytest.raises(Refused, match="pod shop/api-0 is another one of the same name by now"):
        await subject(meta("api-0", "p-2"))
    with pytest.raises(Problem, match="pod shop/api-0 cannot be read"):
        await subject({"metadata": {"uid": 7}})


# ---- rights ------------------------------------------------------------------------------------------


async def test_A2_a_hundred_nodes_are_one_question_and_a_named_right_is_found() -> None:
    api = Api()
    async with capable(api) as (can, server):
        can.locate = lambda ref: ("", ref.uid)
        for number in range(100):
            assert await can.review("cordon", Ref("prod", "node", f"n{number}")) == ""
        assert len(server.seen) == 1
    api.allowed = lambda attributes: attributes.get("name") == "mine"
    async with capable(api) as (can, server):
        can.locate = lambda ref: ("", ref.uid)
        assert await can.review("cordon", Ref("prod", "node", "mine")) == ""
        assert (
            await can.review("uncordon", Ref("prod", "node", "other")) == "jane␛[0m may not patch nodes other"
        )


async def test_servers_that_answer_no_such_question() -> None:
    api, path = Api(), "/apis/authentication.k8s.io/{}/selfsubjectreviews"
    api.reviews = {path.format("v1"): 404}
    async with capable(api) as (can, server):
        assert await can.identity() == "jane␛[0m"
        assert await can.identity() == "jane␛[0m"
        assert [seen.path for seen in server.seen] == [path.format("v1"), path.format("v1beta1")]
    api.reviews |= {
        path.format("v1beta1"): 403,
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews": 403,
    }
    async with capable(api) as (can, _):
        assert await can.identity() == ""
        assert await can.review("cordon", NODE) == ""
        with pytest.raises(Problem, match="no action 'explode'"):
            await can.review("explode", NODE)


# ---- showing -----------------------------------------------------------------------------------------


async def test_a_manifest_is_cleaned_and_a_secret_is_not_shown() -> None:
    api = Api()
    hostile = {"evil": "a\x1b]52;c;aGk=\x07b\u202ec", "lines": "one\ntwo\n", "n": "no", "date": "2026-01-02"}
    node = {"kind": "Node", "metadata": {"name": "a", "uid": "n-1", "managedFields": [1]}, "data": hostile}
    api.objects = {"/api/v1/nodes/a": node, PODS: {"kind": "Secret", **meta("api-0", "p-1")}}
    async with capable(api) as (can, _):
        text = await can.manifest(NODE)
        with pytest.raises(Refused, match="Secret"):
            await can.manifest(POD)
        can.locate = lambda ref: ("", "x")
        with pytest.raises(Problem, match=r"a widgets\.example cannot be read"):
            await can.manifest(Ref("prod", "widgets.example", "w"))
    assert "managedFields" not in text
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert "  lines: |\n    one\n    two\n" in text
    shown = yaml.safe_load(text)["data"]
    assert (shown["n"], shown["date"]) == ("no", "2026-01-02")


# ---- the doctor --------------------------------------------------------------------------------------


async def test_doctor_on_what_is_no_kubernetes() -> None:
    api = Api()
    for answer, said in (
        (web.Response(text="<html>", content_type="text/html"), "web page: this is not a Kubernetes API"),
        (web.Response(text="hello"), "not a Kubernetes API"),
        (web.Response(status=302, headers={"Location": "/login"}), "redirects to /login"),
    ):
        api.objects = {"/version": answer}
        async with capable(api) as (can, _):
            findings = await can.diagnose()
        assert [one.level for one in findings] == ["warning", "error"]
        assert findings[0].detail == "not encrypted"
        assert said in findings[1].detail
        assert findings[1].remedy


async def test_doctor_names_a_plug_in_that_hangs_and_not_the_server(tmp_path: Path) -> None:
    command = program(tmp_path, "time.sleep(60)", "get-token")
    user = User(exec=plugin(command, args=["--cluster", "prod"]))
    client = Client(target("http://127.0.0.1:9", user))
    diagnosis = Diagnosis(client, Access(client), ["shop"], patience=0.3)
    _, finding = await diagnosis.findings()
    await client.close()
    assert (finding.subject, finding.level) == ("prod: credential", "error")
    assert finding.detail == f"user {client.target.user_name}'s plug-in `get-token --cluster prod` " + (
        "has given no credential for 0 s"
    )
    assert finding.remedy.startswith("run `get-token --cluster prod` in a terminal")


async def test_doctor_names_the_user_whose_plug_in_fails(tmp_path: Path) -> None:
    user = User(exec=plugin(program(tmp_path, "sys.exit('no session')")))
    client = Client(target("http://127.0.0.1:9", user))
    _, finding = await Diagnosis(client, Access(client), ["shop"]).findings()
    await client.close()
    assert finding.subject == "prod: credential"
    assert "no session" in finding.detail


async def test_doctor_on_clocks_and_on_certificates_that_end_soon(tmp_path: Path) -> None:
    authority = Authority()
    certificate, key = authority.issue("jane", lasts=timedelta(days=3))
    user = User(client_certificate_data=certificate, client_key_data=key)
    api = Api()
    dated = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}

    async def late(request: web.Request) -> web.StreamResponse:
        response = await api(request)
        response.headers.update(dated)
        return response

    api.objects = {"/version": {"gitVersion": "v1.36.3"}}
    async with serving(late, authority.server_context(tmp_path)) as server:
        client = Client(target(server.url, user, certificate_authority_data=authority.pem))
        findings = {one.subject: one for one in await Capabilities(client, client.info).diagnose()}
        await client.close()
    assert findings["prod: certificate"].level == "warning"
    assert "behind this machine's" in findings["prod: clock"].detail
    assert findings["prod: pods"].level == "ok"
