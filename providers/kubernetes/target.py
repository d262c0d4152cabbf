"""What a context of a kubeconfig names: a cluster, a user, and the two together, ready to connect to."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Hidden(Struct, frozen=True):
    """A struct that may hold a secret: no field of it is ever printed."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Extension(Struct, frozen=True):
    """A named piece of free data; of a cluster, what an exec plug-in is told."""

    name: str = ""
    extension: Any = None


class Cluster(Hidden, frozen=True, rename="kebab"):
    """Where an API server is and how it is known. Paths are resolved against the naming file.

    The proxy's address may carry a password, and so may what exec plug-ins are told."""

    server: str = ""
    certificate_authority: str = ""
    certificate_authority_data: bytes = b""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    disable_compression: bool = False
    extensions: tuple[Extension, ...] = ()


class Variable(Hidden, frozen=True):
    """One environment variable of an exec plug-in."""

    name: str
    value: str = ""


class Exec(Hidden, frozen=True, rename="camel"):
    """A program that prints a credential."""

    command: str = ""
    api_version: str = ""
    args: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = "IfAvailable"


class AuthProvider(Hidden, frozen=True):
    """A credential helper that lived inside kubectl; only "oidc" still does."""

    name: str = ""
    config: dict[str, str] = {}


class User(Hidden, frozen=True, rename="kebab"):
    """How to prove who one is."""

    client_certificate: str = ""
    client_certificate_data: bytes = b""
    client_key: str = ""
    client_key_data: bytes = b""
    token: str = ""
    token_file: str = field(default="", name="tokenFile")
    username: str = ""
    password: str = ""
    as_user: str = field(default="", name="as")
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: dict[str, tuple[str, ...]] = {}
    auth_provider: AuthProvider | None = None
    exec: Exec | None = None


class Context(Struct, frozen=True):
    """A pair of a cluster and a user, by name."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


class Target(Struct, frozen=True):
    """A context with everything that it names, ready to connect to."""

    name: str
    cluster: Cluster
    user: User
    cluster_name: str = ""
    user_name: str = ""
    namespace: str = ""
    origin: str = ""
    """The file that a person would edit."""
