"""The provider "kubernetes": options in, one source per context out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from providers.contract import Host, Problem, Source
from providers.kubernetes import in_cluster, kubeconfig
from providers.kubernetes.target import Target
from providers.model import Batch, SourceInfo
from providers.text import clean

if TYPE_CHECKING:
    from providers.kubernetes.kubeconfig import Kubeconfig


class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which clusters, and what of them."""

    kubeconfig: str = ""
    """A file; "" for $KUBECONFIG's, then ~/.kube/config, then the cluster this runs in."""
    contexts: tuple[str, ...] = ()
    """Names or globs; none for the current one."""
    namespaces: tuple[str, ...] = ()
    """Only these. With none, everything; where the whole cluster is refused, the context's own."""
    compression: Literal["auto", "on", "off"] = "auto"
    """gzip of lists: auto asks for it from servers that are not on a private network."""
    debug_image: str = "busybox:stable"
    """What a pod for a shell on a node is made of: any image with a shell."""
    debug_namespace: str = ""
    """Where such pods are made; "" the context's own. It must let pods use the host's namespaces."""


class Kubernetes:
    """Clusters by kubeconfig."""

    name = "kubernetes"
    summary = "Kubernetes clusters, by the contexts of a kubeconfig"
    options: type[Struct] = Options

    async def sources(self, options: Options, host: Host) -> Sequence[Source]:
        """One source per context. A context that cannot be used is a source that says why.

        Raises Problem when the kubeconfig cannot be read or has no such context.
        """
        return [_source(name, target, options, host) for name, target in targets(options).items()]


def targets(
    options: Options, environ: Mapping[str, str] = os.environ, folder: str = in_cluster.FOLDER
) -> dict[str, Target | Problem]:
    """The contexts meant, each with what it names or with what is wrong with it. Raises Problem."""
    own = in_cluster.target(environ, folder)
    if own and not options.kubeconfig and not _any_file(environ):
        return _own(own, options)
    config = kubeconfig.load(options.kubeconfig, environ)
    return {name: _resolved(config, name) for name in kubeconfig.choose(config, options.contexts)}


def _any_file(environ: Mapping[str, str]) -> bool:
    return any(os.path.exists(path) for path in kubeconfig.paths("", environ))


def _own(target: Target, options: Options) -> dict[str, Target | Problem]:
    if options.contexts and target.name not in options.contexts:
        raise Problem(
            f"no kubeconfig, so no context {options.contexts[0]!r}: only the surrounding cluster",
            f"leave --context away, or say --context {target.name}",
            state="denied",
        )
    return {target.name: target}


def _resolved(config: Kubeconfig, name: str) -> Target | Problem:
    try:
        return kubeconfig.resolve(config, name)
    except Problem as problem:
        return problem


def _source(name: str, target: Target | Problem, options: Options, host: Host) -> Source:
    """The source of a context. aiohttp (35 MB) and the machine behind it are loaded for the first of them."""
    if isinstance(target, Problem):
        return Unusable(name, target)
    from providers.kubernetes.capabilities import Capabilities
    from providers.kubernetes.client import Client
    from providers.kubernetes.debug_pod import Recipe
    from providers.kubernetes.sessions import Cluster

    try:
        client = Client(target, read_only=host.read_only, compression=options.compression)
    except Problem as problem:
        return Unusable(name, problem)
    # Only what is asked for; else everything, and where that is refused, where kubectl would look.
    namespaces = options.namespaces or (target.namespace or "default",)
    only = bool(options.namespaces)
    capabilities = Capabilities(client, client.info, namespaces, only=only)
    recipe = Recipe(
        namespace=options.debug_namespace or target.namespace or "default", image=options.debug_image
    )
    source = Cluster(client, capabilities, namespaces, only=only, recipe=recipe)
    capabilities.locate = source.locate
    return source


class Unusable:
    """A context whose configuration is wrong: it is in the fleet, denied, and says what to correct."""

    def __init__(self, name: str, problem: Problem) -> None:
        self.info = SourceInfo(name=clean(name, 253), provider="kubernetes", cluster=clean(name, 253))
        self._problem = problem

    async def stream(self) -> AsyncIterator[Batch]:
        """Raises the Problem."""
        raise self._problem
        yield  # what makes it a generator


provider = Kubernetes()
