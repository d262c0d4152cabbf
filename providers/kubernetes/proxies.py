"""Which proxy leads to a server: the cluster's `proxy-url`, else the environment's, read as Go reads it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from providers.contract import Problem
from providers.kubernetes.target import Hidden, Target


class Proxy(Hidden, frozen=True):
    """An HTTP proxy; `address` carries no credentials and may be shown."""

    address: str
    user: str = ""
    password: str = ""


def proxy_for(target: Target, server: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy on the way to the server's URL. Raises Problem for one that cannot be used."""
    if target.cluster.proxy_url:
        return _parsed(target.cluster.proxy_url, f"proxy-url of cluster {target.cluster_name!r}")
    parts = urlsplit(server)
    name = f"{parts.scheme}_proxy"
    address = environ.get(name) or environ.get(name.upper()) or ""
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if not address or _direct(parts.hostname or "", parts.port or 443, excepted):
        return None
    return _parsed(address if "://" in address else f"http://{address}", f"{name.upper()} of the environment")


def _parsed(address: str, name: str) -> Proxy:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise Problem(
            f"the {name} is for {parts.scheme or 'no'} proxies: only http and https are supported",
            "use an HTTP proxy, or a tunnel (`ssh -L`) with tls-server-name",
            state="denied",
        )
    try:
        host = str(parts.hostname)
        host = f"[{host}]" if ":" in host else host
        at = f"{host}:{parts.port}" if parts.port else host
    except ValueError:
        raise Problem(f"the {name} has a port that is none", "correct it", state="denied") from None
    bare = urlunsplit((parts.scheme, at, "", "", ""))
    return Proxy(bare, unquote(parts.username or ""), unquote(parts.password or ""))


def _direct(host: str, port: int, excepted: str) -> bool:
    address = _ip(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    rules = (rule.strip().lower() for rule in excepted.split(","))
    return any(_excepts(rule, host.lower(), address, port) for rule in rules if rule)


def _excepts(rule: str, host: str, address: _Ip | None, port: int) -> bool:
    if rule == "*":
        return True
    if "/" in rule:
        return address is not None and _inside(address, rule)
    name, _, only = rule.rpartition(":") if rule.count(":") == 1 else (rule, "", "")
    if only and only != str(port):
        return False
    if name.startswith((".", "*.")):
        return host.endswith("." + name.lstrip("*."))
    return host == name or host.endswith("." + name)


_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


def _ip(host: str) -> _Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inside(address: _Ip, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
