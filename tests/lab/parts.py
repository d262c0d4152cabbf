"""How each part of the control plane is started: its arguments, and nothing that runs.

Owns the flags. Everything listens on loopback; what is said to be fast is fast because two processors are
shared with whatever is being tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
CONTROLLERS = (
    "clusterrole-aggregation-controller,cronjob-controller,daemonset-controller,deployment-controller,"
    "disruption-controller,garbage-collector-controller,job-controller,namespace-controller,"
    "node-lifecycle-controller,pod-garbage-collector-controller,replicaset-controller,"
    "serviceaccount-controller,statefulset-controller"
)
# Memory is plentiful beside processors: rarer garbage collection gives a sixth of the time back.
RELAXED = {"GOGC": "300", "GOMEMLIMIT": "4GiB"}


@dataclass(frozen=True)
class Layout:
    """Where a lab's files are, on which ports its parts listen, how long a node's lease lasts (seconds)."""

    folder: Path
    ports: dict[str, int]
    lease: int

    @property
    def pki(self) -> Path:
        """The folder of certificates, keys and tokens."""
        return self.folder / "pki"

    @property
    def etcd_url(self) -> str:
        """Where etcd answers, its JSON gateway included."""
        return f"http://{LOOPBACK}:{self.ports['etcd']}"

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://{LOOPBACK}:{self.ports['apiserver']}"


def etcd(at: Layout) -> list[str]:
    """etcd, storing without waiting for the disk: the data need not survive the machine."""
    peer = f"http://{LOOPBACK}:{at.ports['peer']}"
    return _flags(
        {
            "name": "lab",
            "data-dir": at.folder / "etcd",
            "listen-client-urls": at.etcd_url,
            "advertise-client-urls": at.etcd_url,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"lab={peer}",
            "unsafe-no-fsync": "true",
            "quota-backend-bytes": 4 << 30,
            "auto-compaction-retention": 0,
            "log-level": "error",
        }
    )


def apiserver(at: Layout, audit_log: Path) -> list[str]:
    """The API server: tokens and client certificates, RBAC, and every person's request in the audit log."""
    return _flags(
        {
            "etcd-servers": at.etcd_url,
            "bind-address": LOOPBACK,
            "advertise-address": LOOPBACK,
            "secure-port": at.ports["apiserver"],
            "endpoint-reconciler-type": "none",
            "tls-cert-file": at.pki / "apiserver.crt",
            "tls-private-key-file": at.pki / "apiserver.key",
            "client-ca-file": at.pki / "ca.crt",
            "token-auth-file": at.pki / "tokens.csv",
            "authorization-mode": "RBAC",
            "service-account-issuer": at.url,
            "service-account-signing-key-file": at.pki / "serviceaccounts.key",
            "service-account-key-file": at.pki / "serviceaccounts.crt",
            "service-cluster-ip-range": "10.0.0.0/24",
            "audit-policy-file": at.folder / "audit-policy.yaml",
            "audit-log-path": audit_log,
            "audit-log-maxsize": 2048,
            "max-requests-inflight": 3000,
            "max-mutating-requests-inflight": 2000,
            "enable-priority-and-fairness": "false",
        }
    )


def controllers(at: Layout, kubeconfig: Path) -> list[str]:
    """The controller manager, with the controllers that make nodes and workloads behave."""
    return _component(kubeconfig) + _flags(
        {
            "controllers": CONTROLLERS,
            # A node may miss its lease several times before it is called silent.
            "node-monitor-grace-period": f"{2 * at.lease}s",
            "service-account-private-key-file": at.pki / "serviceaccounts.key",
            "concurrent-deployment-syncs": 20,
            "concurrent-replicaset-syncs": 20,
            "concurrent-statefulset-syncs": 20,
        }
    )


def scheduler(kubeconfig: Path) -> list[str]:
    """The scheduler, as it is."""
    return _component(kubeconfig)


def kwok(at: Layout, kubeconfig: Path) -> list[str]:
    """kwok, which is every node's kubelet: one port on loopback for all of them."""
    port = at.ports["kwok"]
    return _flags(
        {
            "kubeconfig": kubeconfig,
            "config": at.folder / "kwok.yaml",
            "manage-all-nodes": "true",
            "node-ip": LOOPBACK,
            "node-port": port,
            "server-address": f"{LOOPBACK}:{port}",
            "tls-cert-file": at.pki / "kwok.crt",
            "tls-private-key-file": at.pki / "kwok.key",
            "cidr": "10.244.0.0/16",
            "node-lease-duration-seconds": at.lease,
        }
    )


def _component(kubeconfig: Path) -> list[str]:
    return _flags(
        {
            "kubeconfig": kubeconfig,
            "leader-elect": "false",
            "secure-port": 0,
            "profiling": "false",
            "kube-api-qps": 3000,
            "kube-api-burst": 3000,
        }
    )


def _flags(values: dict[str, str | int | Path]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]
