"""Kubeconfigs: which files count, how they merge (as kubectl does), and which contexts are meant.

kubernetes_asyncio's own loader would cost 73 MB and 0.5 s of CPU on the way to the first row. Its merger
differs from kubectl in one thing that matters: there the last file that sets `current-context` wins, here
and in kubectl the first. Nothing is ever read from the current folder unless a path names it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from providers.contract import Problem
from providers.kubernetes.target import Cluster, Context, Hidden, Target, User

DEFAULT = "~/.kube/config"


class Kubeconfig(Struct, frozen=True):
    """All files merged. `origins` maps each context to the file that defined it."""

    files: tuple[str, ...]
    clusters: dict[str, Cluster]
    users: dict[str, User]
    contexts: dict[str, Context]
    current: str
    origins: dict[str, str]


class _Named(Hidden, frozen=True):
    name: str
    cluster: Cluster | None = None
    user: User | None = None
    context: Context | None = None


class _File(Hidden, frozen=True, rename="kebab"):
    clusters: tuple[_Named, ...] = ()
    users: tuple[_Named, ...] = ()
    contexts: tuple[_Named, ...] = ()
    current_context: str = ""


class _Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: what looks like a date stays a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


# ---- which files -------------------------------------------------------------------------------------


def paths(explicit: str = "", environ: Mapping[str, str] = os.environ) -> list[str]:
    """The kubeconfig files that count, in order: the explicit one, else $KUBECONFIG's, else the default."""
    if explicit:
        return [os.path.expanduser(explicit)]
    listed = [path for path in environ.get("KUBECONFIG", "").split(os.pathsep) if path]
    return list(dict.fromkeys(listed)) or [os.path.expanduser(DEFAULT)]


def load(explicit: str = "", environ: Mapping[str, str] = os.environ) -> Kubeconfig:
    """Read and merge. Files of a list that do not exist are skipped, an explicit one must exist.

    Raises Problem naming the file: missing, unreadable, not YAML (with the line), not a kubeconfig.
    """
    wanted = paths(explicit, environ)
    found = [path for path in wanted if explicit or os.path.exists(path)]
    if not found:
        raise Problem(
            f"no kubeconfig: {', '.join(wanted)} {'does' if len(wanted) == 1 else 'do'} not exist",
            "name one with --kubeconfig or KUBECONFIG, or look at the simulated fleet with --demo",
            state="denied",
        )
    return _merge([(path, _read(path)) for path in found])


def _read(path: str) -> _File:
    try:
        data = yaml.load(Path(path).read_bytes(), Loader=_Loader)
        return msgspec.convert(_tidy(data if data is not None else {}), _File)
    except OSError as error:
        raise _bad(path, f"cannot be read: {error.strerror}", _OS_REMEDY) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable text"
        raise _bad(path, f"is not YAML{line}: {what}", "correct it, or name another file") from None
    except msgspec.ValidationError as error:
        raise _bad(path, f"is not a kubeconfig: {error}", "see `kubectl config view` for its form") from None


_OS_REMEDY = "check the path and its permissions, or name another file with --kubeconfig"


def _bad(path: str, what: str, remedy: str) -> Problem:
    return Problem(f"kubeconfig {path} {what}", remedy, state="denied")


def _tidy(data: Any) -> Any:
    """The data without nulls, which mean "not set" to kubectl, and with line breaks out of base64."""
    if isinstance(data, dict):
        return {key: _value(key, value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_tidy(item) for item in data]
    return data


def _value(key: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(key, str) and key.endswith("-data"):
        return "".join(value.split())
    return _tidy(value)


# ---- merging -----------------------------------------------------------------------------------------


def _merge(files: Sequence[tuple[str, _File]]) -> Kubeconfig:
    merged = Kubeconfig(tuple(path for path, _ in files), {}, {}, {}, "", {})
    current = ""
    for path, file in files:
        for name, entry in _entries(path, "cluster", file.clusters):
            merged.clusters.setdefault(name, _cluster_from(path, entry.cluster or Cluster()))
        for name, entry in _entries(path, "user", file.users):
            merged.users.setdefault(name, _user_from(path, entry.user or User()))
        for name, entry in _entries(path, "context", file.contexts):
            if name not in merged.contexts:
                merged.contexts[name] = entry.context or Context()
                merged.origins[name] = path
        current = current or file.current_context
    return msgspec.structs.replace(merged, current=current)


def _entries(path: str, what: str, entries: Iterable[_Named]) -> Iterator[tuple[str, _Named]]:
    seen = set()
    for entry in entries:
        if entry.name in seen:
            raise _bad(path, f"names the {what} {entry.name!r} twice", "remove one of the two")
        seen.add(entry.name)
        yield entry.name, entry


def _resolved(origin: str, path: str) -> str:
    return os.path.join(os.path.dirname(os.path.abspath(origin)), path) if path else ""


def _cluster_from(origin: str, cluster: Cluster) -> Cluster:
    return msgspec.structs.replace(
        cluster, certificate_authority=_resolved(origin, cluster.certificate_authority)
    )


def _user_from(origin: str, user: User) -> User:
    plugin = user.exec
    if plugin and os.path.basename(plugin.command) != plugin.command:
        plugin = msgspec.structs.replace(plugin, command=_resolved(origin, plugin.command))
    return msgspec.structs.replace(
        user,
        client_certificate=_resolved(origin, user.client_certificate),
        client_key=_resolved(origin, user.client_key),
        token_file=_resolved(origin, user.token_file),
        exec=plugin,
    )


# ---- choosing ----------------------------------------------------------------------------------------


def choose(config: Kubeconfig, patterns: Sequence[str]) -> list[str]:
    """The contexts that names and globs mean, each once, in the order asked for; none asked: the current.

    Raises Problem saying which contexts exist when one matches nothing.
    """
    if not config.contexts:
        raise _bad(", ".join(config.files), "has no contexts", "add one, or name another file")
    if not patterns:
        if not config.current:
            raise _unknown(config, "no current context is set", "")
        patterns = [config.current]
    chosen: dict[str, None] = {}
    for pattern in patterns:
        matches = [pattern] if pattern in config.contexts else _matches(config, pattern)
        if not matches:
            raise _unknown(config, f"no context is called {pattern!r}", pattern)
        chosen.update(dict.fromkeys(matches))
    return list(chosen)


def _matches(config: Kubeconfig, pattern: str) -> list[str]:
    return [name for name in config.contexts if fnmatchcase(name, pattern)]


def _unknown(config: Kubeconfig, what: str, near: str) -> Problem:
    close = get_close_matches(near, config.contexts, n=1)
    names = sorted(config.contexts)
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    meant = f"did you mean {close[0]!r}? " if close else ""
    return Problem(
        f"{what} in {', '.join(config.files)}",
        f"{meant}contexts there: {shown}; choose with --context (names or globs)",
        state="denied",
    )


def resolve(config: Kubeconfig, name: str) -> Target:
    """The context with its cluster and user. Raises Problem naming what is missing and the file."""
    context, origin = config.contexts[name], config.origins[name]
    cluster = config.clusters.get(context.cluster)
    if cluster is None:
        raise _dangling(origin, name, "cluster", context.cluster, config.clusters)
    user = config.users.get(context.user) if context.user else User()
    if user is None:
        raise _dangling(origin, name, "user", context.user, config.users)
    if not cluster.server:
        raise _bad(origin, f"gives the cluster {context.cluster!r} no server", "add its `server:` address")
    return Target(name, cluster, user, context.cluster, context.user, context.namespace, origin)


def _dangling(origin: str, context: str, what: str, name: str, known: Iterable[str]) -> Problem:
    has = f"is for the {what} {name!r}, which no file defines" if name else f"names no {what}"
    names = ", ".join(sorted(known)) or "none"
    return _bad(origin, f": context {context!r} {has}", f"{what}s defined: {names}; correct the context")
