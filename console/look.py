"""One look at the fleet as plain data, as `snapshot --output json` prints it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from console.disagreements import KIND as DISAGREEMENT
from console.disagreements import RULE
from console.fleet import Fleet, Item, SourceState
from console.views import VIEWS
from console.views.ages import clock_of
from console.views.costs import hourly
from console.views.origin import account_of, cluster_of
from console.views.pods_on import pod_count
from console.views.source import worst_health
from providers.model import LinuxHost

_OF_HOSTS = (
    *("name", "address", "user", "port", "state", "since", "detail", "remedy", "asked", "booted", "cpus"),
    *("memory", "memory_available", "swap", "swap_free", "units", "kernel", "kernel_installed"),
    *("reboot_pending", "os", "machine"),
)


def as_json(fleet: Fleet, now: float) -> dict[str, Any]:
    """Sources, nodes, pods, instances, hosts and disagreements, each list in the order of its names.

    Amounts are cores, bytes, seconds and US dollars; what is not known is null, or "" where it is a word.
    An instance's node is null where none is known: a guess stands apart. A machine that is declared and runs
    is listed once, as what runs. docs/snapshot.md lists every field.
    """
    return {
        "sources": [_source(source) for source in sorted(fleet.sources.values(), key=lambda s: s.name)],
        "nodes": [_node(item) for item in _ordered(fleet, "node")],
        "pods": [_pod(item, now) for item in _ordered(fleet, "pod")],
        "instances": [_instance(item) for item in _ordered(fleet, "instance")],
        "hosts": [_host(item) for item in _ordered(fleet, "host")],
        "disagreements": [_disagreement(item) for item in _ordered(fleet, DISAGREEMENT)],
    }


def _ordered(fleet: Fleet, kind: str) -> list[Item]:
    fleet.want(kind)
    told_by = VIEWS[kind].told_by
    items = [item for item in fleet.items(kind) if not told_by(item)]
    return sorted(items, key=lambda i: (i.ref.source, i.namespace, i.name, i.ref.uid))


def _source(source: SourceState) -> dict[str, Any]:
    health = worst_health(source)
    return {
        "name": source.name,
        "provider": source.info.provider,
        "health": health.state,
        "detail": health.detail,
        "cluster": source.info.cluster,
        "account": account_of(source.info.account)[1],
        "region": source.info.region,
        "identity": source.info.identity,
    }


def _node(item: Item) -> dict[str, Any]:
    node = item.obj
    return {
        "cluster": cluster_of(item.source.info),
        "name": node.name,
        "status": node.status,
        "roles": node.roles,
        "version": node.version,
        "cpu": node.cpu,
        "memory": node.memory,
        "provider_id": node.provider_id,
        "pods": pod_count(item),
    }


def _pod(item: Item, now: float) -> dict[str, Any]:
    pod = item.obj
    age = None if pod.created is None else max(0, int(clock_of(item, now) - pod.created))
    return {
        "cluster": cluster_of(item.source.info),
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "status": pod.status,
        "ready": f"{pod.ready}/{pod.containers}",
        "restarts": pod.restarts,
        "node": pod.node,
        "ip": pod.ip,
        "claims": list(pod.claims),
        "age_seconds": age,
    }


def _instance(item: Item) -> dict[str, Any]:
    instance = item.obj
    name, account = account_of(item.source.info.account)
    node = item.node.obj.name if item.node is not None else None
    return {
        "account": account,
        "account_name": name,
        "region": item.source.info.region,
        "id": instance.uid,
        "name": instance.name,
        "state": instance.state,
        "type": instance.type,
        "zone": instance.zone,
        "lifecycle": instance.lifecycle,
        "private_ip": instance.private_ip,
        "launch_time": instance.launched,
        "checks": instance.checks,
        "node": None if item.guessed else node,
        "node_guess": node if item.guessed else None,
        "hourly": hourly(item),
        "observed": instance.observed,
        "resource": next(filter(None, (one.obj.resource for one in (item, *item.twins))), ""),
    }


def _host(item: Item) -> dict[str, Any]:
    host: LinuxHost = item.obj
    return {
        "source": item.ref.source,
        **{name: getattr(host, name) for name in _OF_HOSTS},
        "load": list(host.load),
        "failed_units": list(host.failed_units),
        "disks": [asdict(disk) for disk in host.disks],
        "tags": dict(host.tags),
    }


def _disagreement(item: Item) -> dict[str, Any]:
    row = item.obj
    return {
        "what": RULE[row.rule].words,
        "severity": row.severity,
        "kind": row.subject.kind,
        "id": row.subject.uid,
        "name": row.name,
        "other": row.other_name,
        "cluster": row.cluster,
        "account": account_of(row.account)[1],
        "region": row.region,
        "since": row.since,
        "detail": row.detail,
        "guessed": row.guessed,
    }
