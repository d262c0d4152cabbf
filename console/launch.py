"""What to run: the command line and the configuration made into the engine's Hello."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import structs

from console.config import Config
from providers.stream import VERSION, Hello, ProviderChoice

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")
"""Where a pod finds its token: the sign of running inside a cluster."""


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What was said on the command line; empty means not said."""

    kubeconfig: str = ""
    contexts: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    inventories: tuple[str, ...] = ()
    """Files, or "!" and a command; read where the engine runs."""
    hosts: tuple[str, ...] = ()
    """`[user@]host[:port]`, reached over SSH from where the engine runs."""
    demo: bool = False
    simulation: dict[str, Any] = field(default_factory=dict)
    """Options of the simulated fleet: clusters, nodes, pods, instances, rate, seed."""
    via: str = ""
    read_only: bool = False
    log_file: str = ""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What the console starts with."""

    hello: Hello
    config: Config
    via: str = ""
    log_file: str = ""
    simulated_because: str = ""
    """Why the fleet is a simulated one, "" when it is real."""
    recording: str = ""
    """The file that is played in place of an engine, "" when there is an engine."""

    def on(self, terminal: str) -> Launch:
        """With that terminal taken: an engine that is a child gives it back should the console be killed."""
        return self if self.via else replace(self, hello=structs.replace(self.hello, terminal=terminal))

    @property
    def providers(self) -> set[str]:
        """Names of the providers that run."""
        return {choice.name for choice in self.hello.providers}

    @property
    def view(self) -> str:
        """The pane to open on: what is configured, unless it would stay empty."""
        if self.providers == {"ssh"}:
            return "hosts"
        return "instances" if self.providers and self.providers <= _MACHINES_ONLY else self.config.start.view


def choose(arguments: Arguments, config: Config, environment: Mapping[str, str] = os.environ) -> Launch:
    """Which providers to run, with which options: the simulated fleet when asked for or nothing else is."""
    wanted = _wanted(arguments, config, environment)
    reason = "asked for" if arguments.demo else "" if wanted else "no cluster is configured"
    names = ("demo",) if reason else wanted
    choices = tuple(ProviderChoice(name, _options(name, arguments, config)) for name in names)
    hello = Hello(
        version=VERSION,
        providers=choices,
        read_only=arguments.read_only or config.start.read_only,
        audit_path=config.audit.path,
    )
    return Launch(
        hello=hello, config=config, via=arguments.via, log_file=arguments.log_file, simulated_because=reason
    )


def _wanted(arguments: Arguments, config: Config, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The providers named on the command line; without, those that anything has been said about.

    Kubernetes when a cluster is configured, is named, or may be where --via leads; every other one that
    has options in the file or on the command line, except for the simulated fleet's.
    """
    if arguments.providers:
        return arguments.providers
    tables = [name for name, options in config.providers.items() if options and name != "demo"]
    tables += [flag.provider for flag in MACHINES if flag.values(arguments)]
    tables += ["ssh"] if config.start.follow else []
    cluster = (
        arguments.kubeconfig
        or arguments.contexts
        or arguments.via
        or config.start.contexts
        or "kubernetes" in tables
        or cluster_configured(environment)
    )
    others = dict.fromkeys(name for name in tables if name != "kubernetes")
    return ("kubernetes", *others) if cluster else tuple(others)


def _options(name: str, arguments: Arguments, config: Config) -> dict[str, Any]:
    """The provider's table in the configuration, with what the command line says on top."""
    configured = config.providers.get(name, {})
    if name == "kubernetes":
        start = config.start
        usual = {"contexts": list(start.contexts), "namespaces": list(start.namespaces)}
        configured = {**configured, **{key: value for key, value in usual.items() if value}}
    if name == "ssh" and config.start.follow:
        configured = {**configured, "follow": True}
    return {**configured, **_said(name, arguments)}


def _said(provider: str, arguments: Arguments) -> dict[str, Any]:
    """The options of that provider that were given on the command line."""
    said: dict[str, dict[str, Any]] = {
        "demo": arguments.simulation,
        "kubernetes": {
            "kubeconfig": arguments.kubeconfig,
            "contexts": list(arguments.contexts),
            "namespaces": list(arguments.namespaces),
        },
    }
    machines = {flag.option: flag.values(arguments) for flag in MACHINES if flag.provider == provider}
    return {k: value for k, value in said.get(provider, machines).items() if value not in ("", [])}


def _inventories(said: Arguments) -> list[str]:
    """The files with whole paths, as the engine's folder may be another one; with --via they are there."""
    return [
        each if said.via or each.startswith("!") else os.path.abspath(os.path.expanduser(each))
        for each in said.inventories
    ]


class Flag(NamedTuple):
    """A flag about one provider of machines: enough to ask for that provider."""

    name: str
    provider: str
    option: str
    """The provider's, which it is given as."""
    values: Callable[[Arguments], list[str]]


MACHINES = (
    Flag("--profile", "aws", "profiles", lambda said: list(said.profiles)),
    Flag("--region", "aws", "regions", lambda said: list(said.regions)),
    Flag("--inventory", "static", "inventories", _inventories),
    Flag("--host", "ssh", "hosts", lambda said: list(said.hosts)),
)
_MACHINES_ONLY = {flag.provider for flag in MACHINES}
"""They have no nodes and no pods."""


def cluster_configured(environment: Mapping[str, str]) -> bool:
    """Whether kubectl would find a cluster: KUBECONFIG is set, ~/.kube/config exists, or this is a pod."""
    if environment.get("KUBECONFIG"):
        return True
    home = Path(environment.get("HOME") or Path.home())
    in_cluster = "KUBERNETES_SERVICE_HOST" in environment and SERVICE_ACCOUNT.exists()
    return in_cluster or (home / ".kube" / "config").exists()
