"""What can be done to objects, done on the real server and looked at through kubectl and its audit log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from providers.contract import Problem, Refused, Subject
from providers.kubernetes import kubeconfig
from providers.kubernetes.capabilities import MAY_WRITE, Capabilities
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.target import Target
from providers.model import Ref

from .access import NAMESPACE
from .cluster import Lab
from .simulator import STILL

Json = dict[str, Any]


def got(lab: Lab, *arguments: str) -> Any:
    return json.loads(lab.kubectl("get", *arguments, "-o", "json"))


def target_of(lab: Lab, user: str) -> Target:
    return kubeconfig.resolve(kubeconfig.load(str(lab.kubeconfig(user=user))), "lab")


@asynccontextmanager
async def acting(
    lab: Lab, user: str = "admin", *, read_only: bool = False, target: Target | None = None
) -> AsyncIterator[Capabilities]:
    """The capabilities of a user; every pod and node of the moment can be located."""
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, *arguments in (("node", "nodes"), ("pod", "pods", "-A")):
        for item in got(lab, *arguments)["items"]:
            meta = item["metadata"]
            names[kind, meta["uid"]] = (meta.get("namespace", ""), meta["name"])
    client = Client(target or target_of(lab, user), read_only=read_only)
    capabilities = Capabilities(client, client.info, (NAMESPACE,))
    capabilities.locate = lambda ref: names.get((ref.kind, ref.uid))
    try:
        yield capabilities
    finally:
        await client.close()


def ref(kind: str, obj: Json) -> Ref:
    return Ref("lab", kind, obj["metadata"]["uid"])


def a_node(lab: Lab) -> Json:
    found: Json = got(lab, "nodes", "-l", f"!{STILL}")["items"][0]
    return found


def owned(lab: Lab, owner: str) -> Json:
    """A pod that belongs to an owner of that kind."""
    pods: list[Json] = got(lab, "pods", "-A")["items"]
    return next(
        pod
        for pod in pods
        if owner in [one["kind"] for one in pod["metadata"].get("ownerReferences", [])]
        and not pod["metadata"].get("deletionTimestamp")
    )


def other(subject: Subject) -> Subject:
    """The subject as if it had been looked at before it was replaced."""
    return msgspec.structs.replace(subject, uid="00000000-0000-0000-0000-000000000000")


# ---- nodes -------------------------------------------------------------------------------------------


async def test_a_cordon_is_seen_by_kubectl_and_lifted_again(lab: Lab) -> None:
    node = a_node(lab)
    name = node["metadata"]["name"]
    async with acting(lab) as can:
        assert await can.review("cordon", ref("node", node)) == ""
        subject = await can.node(ref("node", node))
        assert (subject.name, subject.kind, subject.unschedulable) == (name, "Node", False)
        await can.cordon(subject, True, dry_run=True)
        assert "unschedulable" not in got(lab, "node", name)["spec"]
        await can.cordon(subject, True, dry_run=False)
        assert "SchedulingDisabled" in lab.kubectl("get", "node", name)
        assert (await can.node(ref("node", node))).unschedulable
        await can.cordon(subject, False, dry_run=False)
        await can.cordon(subject, False, dry_run=False)  # lifting it twice is no error
    assert "unschedulable" not in got(lab, "node", name)["spec"]


async def test_A3_a_node_replaced_under_its_name_is_not_cordoned(lab: Lab) -> None:
    node = a_node(lab)
    name = node["metadata"]["name"]
    async with acting(lab) as can:
        subject = await can.node(ref("node", node))
        for dry_run in (True, False):
            with pytest.raises(Refused, match=f"node {name} changed or was replaced meanwhile"):
                await can.cordon(other(subject), True, dry_run=dry_run)
        gone = msgspec.structs.replace(subject, name="no-such-node")
        with pytest.raises(Refused, match="node no-such-node is gone"):
            await can.cordon(gone, True, dry_run=False)
        names = {"x": ("", name)}
        can.locate = lambda one: names.get(one.uid)
        with pytest.raises(Refused, match="another one of the same name"):
            await can.node(Ref("lab", "node", "x"))
        with pytest.raises(Refused, match="the node is gone"):
            await can.node(Ref("lab", "node", "y"))
    assert "unschedulable" not in got(lab, "node", name)["spec"]


# ---- workloads ---------------------------------------------------------------------------------------


async def test_a_restart_rolls_the_deployment_that_owns_a_pod(lab: Lab) -> None:
    pod = owned(lab, "ReplicaSet")
    namespace = pod["metadata"]["namespace"]
    async with acting(lab) as can:
        assert await can.review("restart", ref("pod", pod)) == ""
        subject = await can.workload(ref("pod", pod))
        before = got(lab, "deployment", "-n", namespace, subject.name)
        assert (subject.kind, subject.uid) == ("Deployment", before["metadata"]["uid"])
        assert subject.pods == before["status"]["replicas"]
        await can.restart(subject, dry_run=True)
        for dry_run in (True, False):
            with pytest.raises(
                Refused, match=f"deployment {namespace}/{subject.name} changed or was replaced"
            ):
                await can.restart(other(subject), dry_run=dry_run)
        now = got(lab, "deployment", "-n", namespace, subject.name)
        assert now["spec"]["template"] == before["spec"]["template"]
        await can.restart(subject, dry_run=False)
    now = got(lab, "deployment", "-n", namespace, subject.name)
    assert "kubectl.kubernetes.io/restartedAt" in now["spec"]["template"]["metadata"]["annotations"]
    lab.kubectl("rollout", "status", "-n", namespace, f"deployment/{subject.name}", timeout=90)
    names = [one["metadata"]["name"] for one in got(lab, "pods", "-n", namespace)["items"]]
    assert pod["metadata"]["name"] not in names


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
async def test_a_restart_rolls_the_other_workloads_too(lab: Lab, kind: str) -> None:
    pod = owned(lab, kind)
    async with acting(lab) as can:
        subject = await can.workload(ref("pod", pod))
        assert (subject.kind, subject.name) == (kind, pod["metadata"]["ownerReferences"][0]["name"])
        with pytest.raises(Refused):
            await can.restart(other(subject), dry_run=False)
        await can.restart(subject, dry_run=False)
    now = got(lab, kind.lower(), "-n", subject.namespace, subject.name)
    assert "kubectl.kubernetes.io/restartedAt" in now["spec"]["template"]["metadata"]["annotations"]
    lab.kubectl("rollout", "status", "-n", subject.namespace, f"{kind.lower()}/{subject.name}", timeout=90)


BARE = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone", "namespace": NAMESPACE}}


@contextmanager
def created(lab: Lab, obj: Json) -> Iterator[Json]:
    lab.kubectl("create", "-f", "-", stdin=json.dumps(obj))
    where = (obj["kind"], "-n", NAMESPACE, obj["metadata"]["name"])
    try:
        yield got(lab, *where)
    finally:
        lab.kubectl("delete", *where, "--ignore-not-found", "--wait=false")


async def test_a_bare_pod_is_deleted_and_only_that_very_one(lab: Lab) -> None:
    spec = {"containers": [{"name": "main", "image": "x"}]}
    with created(lab, {**BARE, "spec": spec}) as pod:
        async with acting(lab) as can:
            subject = await can.workload(ref("pod", pod))
            assert (subject.bare, subject.kind, subject.pods) == (True, "Pod", 1)
            await can.restart(subject, dry_run=True)
            for dry_run in (True, False):
                with pytest.raises(Refused, match="pod shop/alone changed or was replaced"):
                    await can.restart(other(subject), dry_run=dry_run)
            assert "deletionTimestamp" not in got(lab, "pod", "-n", NAMESPACE, "alone")["metadata"]
            await can.restart(subject, dry_run=False)

        def gone() -> bool:
            return "alone" not in lab.kubectl("get", "pods", "-n", NAMESPACE, "-o", "name")

        lab.wait("the bare pod to go", gone, seconds=60)
        async with acting(lab) as can:
            with pytest.raises(Refused, match="the pod is gone"):
                await can.workload(ref("pod", pod))


async def test_A5_a_paused_rollout_is_refused(lab: Lab) -> None:
    pod = owned(lab, "ReplicaSet")
    async with acting(lab) as can:
        one = await can.workload(ref("pod", pod))
        rollout = (f"deployment/{one.name}", "-n", one.namespace)
        lab.kubectl("rollout", "pause", *rollout)
        try:
            with pytest.raises(
                Refused, match=f"the rollout of deployment {one.namespace}/{one.name} is paused"
            ):
                await can.workload(ref("pod", pod))
        finally:
            lab.kubectl("rollout", "resume", *rollout)


async def test_what_only_replaces_on_deletion_and_what_has_no_restart_is_refused(lab: Lab) -> None:
    daemon = owned(lab, "DaemonSet")
    owner, namespace = daemon["metadata"]["ownerReferences"][0]["name"], daemon["metadata"]["namespace"]
    patch = ("patch", "daemonset", "-n", namespace, owner, "-p")
    lab.kubectl(*patch, '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}')
    try:
        async with acting(lab) as can:
            with pytest.raises(Refused, match="its update strategy is OnDelete"):
                await can.workload(ref("pod", daemon))
            job = owned(lab, "Job")
            with pytest.raises(Refused, match=r"belongs to the Job .*, which has no restart"):
                await can.workload(ref("pod", job))
    finally:
        lab.kubectl(*patch, '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}')


# ---- rights ------------------------------------------------------------------------------------------


async def test_denied_verbs_are_told_beforehand_and_by_the_server(lab: Lab) -> None:
    node, pod = a_node(lab), owned(lab, "ReplicaSet")
    async with acting(lab, "viewer") as can:
        name = node["metadata"]["name"]
        assert await can.identity() == "viewer"
        assert await can.review("cordon", ref("node", node)) == f"viewer may not patch nodes {name}"
        denial = await can.review("restart", ref("pod", pod))
        assert denial.startswith("viewer may not patch deployments.apps ")
        assert denial.endswith(f"in namespace {pod['metadata']['namespace']}")
        subject = await can.node(ref("node", node))
        for dry_run in (True, False):
            with pytest.raises(ApiError, match='User "viewer" cannot patch resource "nodes"') as caught:
                await can.cordon(subject, True, dry_run=dry_run)
            assert caught.value.state == "denied"
    assert "unschedulable" not in got(lab, "node", name)["spec"]


async def test_rights_inside_one_namespace_count_there(lab: Lab) -> None:
    pods: list[Json] = got(lab, "pods", "-n", NAMESPACE)["items"]
    inside = next(p for p in pods if p["metadata"].get("ownerReferences"))
    async with acting(lab, "ns-only") as can:
        assert await can.review("restart", ref("pod", inside)) == ""
        assert "ns-only may not patch nodes" in await can.review("cordon", ref("node", a_node(lab)))


async def test_impersonation_is_who_the_server_sees(lab: Lab) -> None:
    admin = target_of(lab, "admin")
    user = msgspec.structs.replace(admin.user, as_user="jane", as_groups=("devs", "system:authenticated"))
    async with acting(lab, target=msgspec.structs.replace(admin, user=user)) as can:
        assert await can.identity() == "jane"
        assert await can.review("cordon", ref("node", a_node(lab))) != ""


async def test_a_client_certificate_is_who_the_server_sees(lab: Lab) -> None:
    async with acting(lab, "certificate") as can:
        assert await can.identity() == "certificate"
        findings = {one.subject: one for one in await can.diagnose()}
    assert findings["lab: certificate"].detail.startswith("client certificate expires on 20")


async def test_a_wrong_token_is_not_accepted(lab: Lab) -> None:
    admin = target_of(lab, "admin")
    user = msgspec.structs.replace(admin.user, token="wrong")
    async with acting(lab, target=msgspec.structs.replace(admin, user=user)) as can:
        with pytest.raises(ApiError, match="does not accept the credentials"):
            await can.identity()
        (finding,) = await can.diagnose()
    assert (finding.subject, finding.level) == ("lab: server", "error")
    assert "log in again" in finding.remedy


# ---- read-only ---------------------------------------------------------------------------------------

ASKED = {"selfsubjectaccessreviews", "selfsubjectreviews"}


async def test_R5_read_only_leaves_no_write_in_the_audit_log(lab: Lab) -> None:
    node, pod = a_node(lab), owned(lab, "ReplicaSet")
    since = lab.audit_log.stat().st_size
    async with acting(lab, "certificate", read_only=True) as can:
        info = await can.about()
        assert info.warnings == (MAY_WRITE,)
        assert info.identity == "certificate"
        await can.diagnose()
        await can.manifest(ref("pod", pod))
        assert await can.review("cordon", ref("node", node)) == ""
        assert await can.review("restart", ref("pod", pod)) == ""
        subject, workload = await can.node(ref("node", node)), await can.workload(ref("pod", pod))
        bare = msgspec.structs.replace(workload, bare=True, kind="Pod", name=pod["metadata"]["name"])
        for dry_run in (True, False):
            for attempt in (
                can.cordon(subject, True, dry_run=dry_run),
                can.restart(workload, dry_run=dry_run),
                can.restart(bare, dry_run=dry_run),
            ):
                with pytest.raises(Refused, match="read-only"):
                    await attempt
    events = lab.audit_events("certificate", since)
    assert {event["verb"] for event in events} == {"get", "create"}
    assert {event["objectRef"]["resource"] for event in events if event["verb"] == "create"} == ASKED


async def test_R4_a_user_who_may_only_read_is_not_warned_about(lab: Lab) -> None:
    async with acting(lab, "viewer", read_only=True) as can:
        assert (await can.about()).warnings == ()
    async with acting(lab, "ns-only", read_only=True) as can:
        assert (await can.about()).warnings == (MAY_WRITE,)
    async with acting(lab, "admin") as can:
        assert (await can.about()).warnings == ()


# ---- showing and diagnosing --------------------------------------------------------------------------


async def test_yaml_is_the_servers_without_managed_fields(lab: Lab) -> None:
    pod = owned(lab, "StatefulSet")
    async with acting(lab, "viewer") as can:
        text = await can.manifest(ref("pod", pod))
        node = await can.manifest(ref("node", a_node(lab)))
    assert yaml.safe_load(text)["metadata"]["uid"] == pod["metadata"]["uid"]
    assert "managedFields" not in text
    theirs = yaml.safe_load(
        lab.kubectl("get", "pod", "-n", pod["metadata"]["namespace"], pod["metadata"]["name"], "-o", "yaml")
    )
    ours = yaml.safe_load(text)
    assert ours["spec"] == theirs["spec"]
    assert set(ours["metadata"]) == set(theirs["metadata"])
    assert yaml.safe_load(node)["kind"] == "Node"


async def test_what_the_doctor_says_of_each_user(lab: Lab) -> None:
    said: dict[str, dict[str, tuple[str, str]]] = {}
    for user in ("admin", "viewer", "pods-only", "ns-only", "nobody"):
        async with acting(lab, user) as can:
            said[user] = {
                one.subject.removeprefix("lab: "): (one.level, one.detail) for one in await can.diagnose()
            }
    for user, findings in said.items():
        assert findings["identity"] == ("ok", user)
        assert "Kubernetes v1." in findings["server"][1]
    assert said["admin"]["nodes"] == ("ok", "may list and watch nodes")
    assert "may not" not in said["admin"]["actions"][1]
    assert said["viewer"]["pods"] == ("ok", "may list and watch pods")
    assert said["viewer"]["actions"][1].startswith("may not cordon")
    assert said["pods-only"]["nodes"] == ("error", "may not list nodes nor watch nodes")
    assert said["ns-only"]["pods"] == ("warning", f"may list and watch pods in namespace {NAMESPACE}")
    assert "restart Deployments" in said["ns-only"]["actions"][1]
    assert said["nobody"]["pods"] == ("error", "may not list pods nor watch pods")


async def test_doctor_says_that_read_only_is_ours_alone(lab: Lab) -> None:
    async with acting(lab, read_only=True) as can:
        findings = {one.subject: one for one in await can.diagnose()}
    assert findings["lab: actions"].level == "warning"
    assert "read-only, although the user may" in findings["lab: actions"].detail


async def test_a_server_that_is_down_is_one_finding(lab: Lab, tmp_path: Path) -> None:
    admin = target_of(lab, "admin")
    cluster = msgspec.structs.replace(admin.cluster, server="https://127.0.0.1:1")
    async with acting(lab, target=msgspec.structs.replace(admin, cluster=cluster)) as can:
        (finding,) = await can.diagnose()
        assert (finding.level, finding.detail) == ("error", "127.0.0.1:1 refuses connections")
        with pytest.raises(Problem):
            await can.about()
