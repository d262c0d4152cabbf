"""Who may do what in the lab, and the kubeconfigs that say so.

Owns the people (`USERS`), their rights (`RBAC`) and `Access`, with which tests and the loader talk to the
API server.
"""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

NAMESPACE = "shop"
"""The one namespace in which `ns-only` may do everything; nowhere else may that user do anything."""

USERS: dict[str, tuple[str, ...]] = {
    "admin": ("system:masters",),
    "viewer": (),  # reads everything, changes nothing
    "pods-only": (),  # reads pods everywhere, and nothing else
    "ns-only": (),  # everything inside NAMESPACE, nothing outside
    "nobody": (),  # known to the server, allowed nothing
    "lab-kwok": ("system:masters",),
    # Without a service account for each controller, the one account needs what they need between them.
    "system:kube-controller-manager": ("system:masters",),
    "system:kube-scheduler": (),
}
MACHINERY = ("lab-kwok", "system:apiserver", "system:kube-controller-manager", "system:kube-scheduler")

_READ = ["get", "list", "watch"]


def _role(name: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def _bound(name: str, role: str, namespace: str | None = None) -> dict[str, Any]:
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": f"lab-{name}", **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
    }


RBAC: list[dict[str, Any]] = [
    _role("lab-read", [{"apiGroups": ["*"], "resources": ["*"], "verbs": _READ}]),
    _role("lab-read-pods", [{"apiGroups": [""], "resources": ["pods"], "verbs": _READ}]),
    _role("lab-all", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
    _bound("viewer", "lab-read"),
    _bound("pods-only", "lab-read-pods"),
    _bound("ns-only", "lab-all", NAMESPACE),
]

AUDIT_POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        # The machinery writes thousands of lines while pods start; what people do is what is asked about.
        {"level": "None", "users": list(MACHINERY)},
        {"level": "None", "userGroups": ["system:serviceaccounts"]},
        {"level": "None", "nonResourceURLs": ["/readyz*", "/livez*", "/healthz*"]},
        {"level": "Metadata"},
    ],
}


@dataclass(frozen=True)
class Access:
    """One user's way to one API server."""

    url: str
    ca: Path
    user: str
    token: str = ""
    certificate: tuple[Path, Path] | None = None

    def session(self, *, limit: int = 64) -> aiohttp.ClientSession:
        """A client whose paths are the server's (`/api/v1/pods`), with at most `limit` connections. Close
        it."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if self.certificate:
            context.load_cert_chain(*map(str, self.certificate))
        return aiohttp.ClientSession(
            self.url,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            connector=aiohttp.TCPConnector(ssl=context, limit=limit),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
        )

    def kubeconfig(self, context: str, namespace: str | None = None) -> dict[str, Any]:
        """A kubeconfig of one context, complete in itself (nothing in it names a file)."""
        user: dict[str, Any] = {"token": self.token} if self.token else {}
        if self.certificate:
            user["client-certificate-data"] = _encoded(self.certificate[0])
            user["client-key-data"] = _encoded(self.certificate[1])
        where = {"cluster": context, "user": self.user, **({"namespace": namespace} if namespace else {})}
        cluster = {"server": self.url, "certificate-authority-data": _encoded(self.ca)}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": self.user, "user": user}],
            "contexts": [{"name": context, "context": where}],
            "current-context": context,
        }

    @classmethod
    def read(cls, kubeconfig: Path) -> Access:
        """The access that a kubeconfig written by this lab describes (its CA is put beside it)."""
        data = yaml.safe_load(kubeconfig.read_text())
        cluster, user = data["clusters"][0]["cluster"], data["users"][0]
        ca = kubeconfig.with_suffix(".ca.crt")
        ca.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        return cls(cluster["server"], ca, user["name"], user["user"]["token"])


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
