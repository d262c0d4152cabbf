"""What can be done to the simulated fleet, and what is refused."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from providers.contract import (
    Cordons,
    Diagnoses,
    Host,
    Powers,
    Prints,
    Problem,
    Refreshes,
    Refused,
    Restarts,
    Reviews,
    Shows,
)
from providers.demo.clock import ManualClock
from providers.model import Instance, Node, Pod, Ref
from tests.demo.reading import Reader, let_read, opened, pass_time


async def test_what_a_cluster_can_and_a_region_can() -> None:
    sources = await opened()
    for capability in (Cordons, Restarts, Reviews, Shows, Diagnoses, Refreshes):
        assert isinstance(sources["prod-eu"], capability)
    assert not isinstance(sources["aws-prod-eu-west-1"], Cordons | Restarts)
    for capability in (Powers, Prints, Shows, Diagnoses, Refreshes):
        assert isinstance(sources["aws-prod-eu-west-1"], capability)
    assert all(source.info.simulated for source in sources.values())
    assert {source.info.identity for source in sources.values()} == {"ada (simulated)"}


async def test_a_cordon_is_seen_at_once_and_lifted_again() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        ref = reader.ref(reader.node("Ready"))
        await source.cordon(await source.node(ref), True, dry_run=True)
        await let_read()
        assert reader.objects[ref.uid].status == "Ready"
        await source.cordon(await source.node(ref), True, dry_run=False)
        await let_read()
        assert reader.objects[ref.uid].status == "Ready,SchedulingDisabled"
        assert "node.kubernetes.io/unschedulable:NoSchedule" in reader.objects[ref.uid].taints
        assert (await source.node(ref)).unschedulable
        await source.cordon(await source.node(ref), False, dry_run=False)
        await let_read()
        assert (reader.objects[ref.uid].status, reader.objects[ref.uid].taints) == ("Ready", ())


async def test_a_cordoned_node_gets_no_new_pods() -> None:
    clock = ManualClock()
    source = (await opened(clock, clusters=1, nodes=6, pods=120, rate=0))["prod-eu"]
    async with Reader(source) as reader:
        for node in reader.of("node")[1:]:
            if not node.unschedulable:
                await source.cordon(await source.node(reader.ref(node)), True, dry_run=False)
        await source.restart(await source.workload(reader.ref(reader.pod("shop", "web"))), dry_run=False)
        await pass_time(clock, 15)
        stuck = [pod for pod in reader.of("pod") if pod.namespace == "shop" and pod.status == "Pending"]
        assert stuck
        assert "node(s) were unschedulable" in stuck[0].message


@pytest.mark.parametrize(
    ("namespace", "name", "kind"),
    [
        ("checkout", "api", "Deployment"),
        ("billing", "postgres", "StatefulSet"),
        ("monitoring", "node-exporter", "DaemonSet"),
    ],
)
async def test_a_restart_replaces_every_pod_of_the_workload(namespace: str, name: str, kind: str) -> None:
    clock = ManualClock()
    source = (await opened(clock, rate=0))["prod-us"]
    async with Reader(source) as reader:

        def mine() -> dict[str, Pod]:
            return {
                pod.uid: pod
                for pod in reader.of("pod")
                if pod.namespace == namespace and pod.owner and pod.owner.name.startswith(name)
            }

        before = mine()
        subject = await source.workload(reader.ref(next(iter(before.values()))))
        assert (subject.kind, subject.name, subject.bare) == (kind, name, False)
        assert subject.pods == len(before)
        await source.restart(subject, dry_run=False)
        seen = set[str]()
        for _ in range(1500):
            await pass_time(clock, 0.2)
            seen |= {pod.status for pod in mine().values()}
            if not before.keys() & mine().keys() and len(mine()) == len(before):
                break
        await pass_time(clock, 10)
        after = mine()
        assert len(after) == len(before)
        assert not before.keys() & after.keys()
        assert {pod.status for pod in after.values()} == {"Running"}
        assert all(pod.ready == pod.containers for pod in after.values())
        assert seen >= {"Pending", "ContainerCreating", "Running", "Terminating"}
        if kind == "StatefulSet":
            assert {pod.name for pod in after.values()} == {pod.name for pod in before.values()}
        if kind == "DaemonSet":
            assert {pod.node for pod in after.values()} == {pod.node for pod in before.values()}


async def test_a_restart_in_a_frozen_fleet_is_over_at_once() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        old = reader.pod("checkout", "api")
        await source.restart(await source.workload(reader.ref(old)), dry_run=False)
        await let_read()
        assert old.uid not in reader.objects
        new = reader.pod("checkout", "api")
        assert (new.status, new.ready) == ("Running", new.containers)


async def test_a_dry_run_restarts_nothing() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        before = dict(reader.objects)
        await source.restart(await source.workload(reader.ref(reader.pod("checkout", "api"))), dry_run=True)
        await let_read()
        assert reader.objects == before


async def test_a_bare_pod_is_deleted_and_said_to_be_bare() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        pod = reader.pod("default", "netshoot")
        subject = await source.workload(reader.ref(pod))
        assert (subject.kind, subject.bare, subject.uid) == ("Pod", True, pod.uid)
        await source.restart(subject, dry_run=False)
        await let_read()
        assert pod.uid not in reader.objects
        with pytest.raises(Refused, match="is gone"):
            await source.restart(subject, dry_run=False)


async def test_A5_a_paused_rollout_is_refused() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        with pytest.raises(Refused, match=r"ledger is paused"):
            await source.workload(reader.ref(reader.pod("billing", "ledger")))


async def test_a_jobs_pod_is_not_restarted() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        with pytest.raises(Refused, match="runs once"):
            await source.workload(reader.ref(reader.pod("reports", "nightly")))


async def test_A3_only_the_thing_with_that_uid_is_touched() -> None:
    source = (await opened(frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        node = await source.node(reader.ref(reader.node("Ready")))
        with pytest.raises(Refused, match="is gone"):
            await source.cordon(msgspec.structs.replace(node, uid="another"), True, dry_run=False)
        work = await source.workload(reader.ref(reader.pod("checkout", "api")))
        with pytest.raises(Refused, match="another has its name"):
            await source.restart(msgspec.structs.replace(work, uid="another"), dry_run=False)
        for kind in ("node", "pod"):
            with pytest.raises(Refused, match="is gone"):
                await source.manifest(Ref("prod-eu", kind, "nobody"))


async def test_R1_read_only_refuses_every_write_and_no_read() -> None:
    source = (await opened(host=Host(read_only=True), frozen=True))["prod-eu"]
    async with Reader(source) as reader:
        before = dict(reader.objects)
        node = await source.node(reader.ref(reader.node("Ready")))
        work = await source.workload(reader.ref(reader.pod("checkout", "api")))
        for dry_run in (True, False):
            with pytest.raises(Refused, match="read-only"):
                await source.cordon(node, True, dry_run=dry_run)
            with pytest.raises(Refused, match="read-only"):
                await source.restart(work, dry_run=dry_run)
        await let_read()
        assert reader.objects == before


async def test_manifests_are_yaml_of_the_object() -> None:
    sources = await opened(frozen=True)
    source, region = sources["prod-eu"], sources["aws-prod-eu-west-1"]
    async with Reader(source) as reader, Reader(region) as machines:
        for obj, kind in ((reader.node("NotReady"), "Node"), (reader.pod("mail", "bounces"), "Pod")):
            document = yaml.safe_load(await source.manifest(reader.ref(obj)))
            assert (document["kind"], document["apiVersion"]) == (kind, "v1")
            assert document["metadata"]["uid"] == obj.uid
            assert {"spec", "status"} <= document.keys()
        machine = next(machine for machine in machines.of("instance") if machine.state == "terminated")
        document = yaml.safe_load(await region.manifest(machines.ref(machine)))
        assert document["InstanceId"] == machine.uid
        assert document["StateReason"]["Code"] == "Server.SpotInstanceTermination"


# ---- machines ----------------------------------------------------------------------------------------


def running_node(reader: Reader, machines: Reader) -> tuple[Node, Instance]:
    """A ready worker and its machine."""
    by_id = {machine.provider_id: machine for machine in machines.of("instance")}
    return next(
        (node, by_id[node.provider_id])
        for node in reader.of("node")
        if node.status == "Ready" and node.roles == "<none>"
    )


async def states(clock: ManualClock, machines: Reader, reader: Reader, uid: str, node: str) -> list[tuple]:
    """What is seen of a machine and its node in half a minute: state, checks, the node's status."""
    seen: list[tuple] = []
    for _ in range(150):
        await pass_time(clock, 0.2)
        machine = machines.objects[uid]
        now = (machine.state, machine.checks, reader.objects[node].status)
        if not seen or seen[-1] != now:
            seen.append(now)
    return seen


async def test_a_machine_is_stopped_and_started_and_its_node_follows() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=0)
    region = sources["aws-prod-eu-west-1"]
    async with Reader(sources["prod-eu"]) as reader, Reader(region) as machines:
        node, machine = running_node(reader, machines)
        subject = await region.machine(machines.ref(machine))
        assert (subject.state, subject.launched) == ("running", machine.launched)
        assert f"node {node.name}" in dict(subject.consequences)["stop"]
        await region.power(subject, "stop", dry_run=True)
        await region.power(subject, "stop", dry_run=False)
        assert await states(clock, machines, reader, machine.uid, node.uid) == [
            ("stopping", "2/2", "Ready"),
            ("stopping", "2/2", "NotReady"),
            ("stopped", "", "NotReady"),
        ]
        with pytest.raises(Refused, match="it is stopped"):
            await region.power(subject, "stop", dry_run=False)
        await region.power(await region.machine(machines.ref(machine)), "start", dry_run=False)
        assert await states(clock, machines, reader, machine.uid, node.uid) == [
            ("pending", "", "NotReady"),
            ("running", "0/2", "NotReady"),
            ("running", "0/2", "Ready"),
            ("running", "2/2", "Ready"),
        ]
        assert machines.objects[machine.uid].launched > machine.launched


async def test_a_reboot_keeps_the_state_and_the_node_comes_back() -> None:
    clock = ManualClock()
    sources = await opened(clock, rate=0)
    region = sources["aws-prod-eu-west-1"]
    async with Reader(sources["prod-eu"]) as reader, Reader(region) as machines:
        node, machine = running_node(reader, machines)
        await region.power(await region.machine(machines.ref(machine)), "reboot", dry_run=False)
        assert await states(clock, machines, reader, machine.uid, node.uid) == [
            ("running", "0/2", "NotReady"),
            ("running", "0/2", "Ready"),
            ("running", "2/2", "Ready"),
        ]


async def test_in_a_frozen_fleet_a_machine_is_stopped_at_once() -> None:
    region = (await opened(frozen=True))["aws-prod-eu-west-1"]
    async with Reader(region) as machines:
        machine = next(each for each in machines.of("instance") if each.state == "running")
        subject = await region.machine(machines.ref(machine))
        await region.power(subject, "stop", dry_run=True)
        await let_read()
        assert machines.objects[machine.uid] == machine
        await region.power(subject, "stop", dry_run=False)
        await let_read()
        assert machines.objects[machine.uid].state == "stopped"


async def test_what_a_machine_printed_is_the_same_each_time_and_names_its_node() -> None:
    sources = await opened(frozen=True)
    region = sources["aws-prod-eu-west-1"]
    async with Reader(sources["prod-eu"]) as reader, Reader(region) as machines:
        node, machine = running_node(reader, machines)
        printed = await region.console_output(machines.ref(machine))
        assert printed == await region.console_output(machines.ref(machine))
        assert "Linux version" in printed
        assert node.name in printed
        with pytest.raises(Refused, match="is gone"):
            await region.console_output(Ref(region.info.name, "instance", "i-0"))


async def test_R2_a_read_only_region_powers_nothing_and_prints_nothing() -> None:
    region = (await opened(host=Host(read_only=True), frozen=True))["aws-prod-eu-west-1"]
    async with Reader(region) as machines:
        ref = machines.ref(next(each for each in machines.of("instance") if each.state == "running"))
        subject = await region.machine(ref)
        for dry_run in (True, False):
            with pytest.raises(Refused, match="read-only"):
                await region.power(subject, "stop", dry_run=dry_run)
        with pytest.raises(Refused, match="can hold secrets"):
            await region.console_output(ref)


async def test_an_unreachable_cluster_answers_nothing() -> None:
    clock = ManualClock()
    source = (await opened(clock))["prod-us"]
    async with Reader(source) as reader:
        node = await source.node(reader.ref(reader.node("Ready")))
        await pass_time(clock, 45)
        with pytest.raises(Problem, match=r"dial tcp 10\.9\.0\.4:6443: i/o timeout"):
            await source.cordon(node, True, dry_run=False)
        with pytest.raises(Problem, match="i/o timeout"):
            await source.manifest(node.ref)
        assert [finding.level for finding in await source.diagnose()] == ["error"]
        await pass_time(clock, 20)
        await source.cordon(node, True, dry_run=False)


async def test_rights_are_those_of_the_place() -> None:
    sources = await opened(clusters=4, frozen=True)
    ref = Ref("prod-eu", "pod", "x")
    assert await sources["prod-eu"].review("restart", ref) == ""
    assert "cannot patch" in await sources["lab"].review("restart", ref)
    assert await sources["lab"].review("cordon", ref) == ""
