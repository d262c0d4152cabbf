"""The cluster that the program itself runs in: its service account, where a pod has one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from providers.kubernetes.target import Cluster, Target, User

FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
NAME = "in-cluster"


def exists(environ: Mapping[str, str] = os.environ, folder: str = FOLDER) -> bool:
    """Whether this runs in a pod with a service account."""
    return bool(environ.get("KUBERNETES_SERVICE_HOST")) and Path(folder, "token").is_file()


def target(environ: Mapping[str, str] = os.environ, folder: str = FOLDER) -> Target | None:
    """The surrounding cluster under the name "in-cluster", or None outside of one."""
    if not exists(environ, folder):
        return None
    host, authority = environ["KUBERNETES_SERVICE_HOST"], Path(folder, "ca.crt")
    at = f"[{host}]" if ":" in host else host
    cluster = Cluster(
        server=f"https://{at}:{environ.get('KUBERNETES_SERVICE_PORT') or '443'}",
        certificate_authority=str(authority) if authority.is_file() else "",
    )
    user, namespace = User(token_file=str(Path(folder, "token"))), _text(Path(folder, "namespace"))
    return Target(NAME, cluster, user, NAME, "service account", namespace, folder)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
