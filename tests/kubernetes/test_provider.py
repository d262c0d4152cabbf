"""The provider: from options to sources, with nothing loaded that is not needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from providers.contract import Host, Problem
from providers.kubernetes.provider import Kubernetes, Options, targets
from providers.kubernetes.watching import KubernetesSource
from providers.registry import checked_options, load

HOST = Host()


def written(path: Path, *names: str, server: str = "https://127.0.0.1:1") -> str:
    """A kubeconfig with these contexts; the ones that start with "broken" name a user that is missing."""
    config = {
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [
            {"name": n, "context": {"cluster": "c", "user": "gone" if n.startswith("broken") else "u"}}
            for n in names
        ],
        "current-context": names[0],
    }
    path.write_text(yaml.safe_dump(config))
    return str(path)


async def test_each_context_is_a_source_of_its_own_name(tmp_path: Path) -> None:
    provider = load("kubernetes")
    file = written(tmp_path / "config", "prod-eu", "prod-us", "dev")
    options = checked_options(provider, {"kubeconfig": file, "contexts": ["prod-*"]})
    sources = await provider.sources(options, HOST)
    assert [source.info.name for source in sources] == ["prod-eu", "prod-us"]
    assert all(isinstance(source, KubernetesSource) for source in sources)
    assert sources[0].info.kinds == ("node", "pod")
    assert sources[0].info.address == "127.0.0.1:1"


async def test_a_broken_context_is_told_and_the_others_work(tmp_path: Path) -> None:
    file = written(tmp_path / "config", "good", "broken")
    good, broken = await Kubernetes().sources(Options(kubeconfig=file, contexts=("*",)), HOST)
    assert isinstance(good, KubernetesSource)
    assert broken.info.name == "broken"
    with pytest.raises(Problem, match="'broken' is for the user 'gone', which no file defines") as caught:
        await anext(broken.stream())
    assert caught.value.state == "denied"


async def test_a_server_that_is_no_address_is_told_by_its_source(tmp_path: Path) -> None:
    file = written(tmp_path / "config", "odd", server="gopher://x")
    (source,) = await Kubernetes().sources(Options(kubeconfig=file), HOST)
    with pytest.raises(Problem, match="no address"):
        await anext(source.stream())


async def test_namespaces_that_are_named_are_the_only_ones_and_the_contexts_own_is_not(
    tmp_path: Path,
) -> None:
    file = written(tmp_path / "config", "prod")
    (named,) = await Kubernetes().sources(Options(kubeconfig=file, namespaces=("shop", "pay")), HOST)
    assert named.info.namespaces == ("shop", "pay")
    (plain,) = await Kubernetes().sources(Options(kubeconfig=file), HOST)
    assert plain.info.namespaces == ()


async def test_a_wrong_file_or_context_is_raised_at_once(tmp_path: Path) -> None:
    file = written(tmp_path / "config", "prod")
    with pytest.raises(Problem, match="no context is called 'prd'"):
        await Kubernetes().sources(Options(kubeconfig=file, contexts=("prd",)), HOST)
    with pytest.raises(Problem, match="No such file"):
        await Kubernetes().sources(Options(kubeconfig=str(tmp_path / "none")), HOST)


def test_options_are_checked_by_name_and_type() -> None:
    for wrong in ({"context": ["x"]}, {"contexts": 5}, {"compression": "zip"}):
        with pytest.raises(Problem, match="provider 'kubernetes'"):
            checked_options(load("kubernetes"), wrong)


def test_the_surrounding_cluster_is_meant_only_without_a_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "account"
    folder.mkdir()
    (folder / "token").write_text("t")
    pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert list(targets(Options(), pod, str(folder))) == ["in-cluster"]
    assert list(targets(Options(contexts=("in-cluster",)), pod, str(folder))) == ["in-cluster"]
    with pytest.raises(Problem, match="only the surrounding cluster"):
        targets(Options(contexts=("prod",)), pod, str(folder))
    file = written(tmp_path / "config", "prod")
    assert list(targets(Options(), {**pod, "KUBECONFIG": file}, str(folder))) == ["prod"]
    assert list(targets(Options(kubeconfig=file), pod, str(folder))) == ["prod"]


def test_naming_the_provider_loads_neither_http_nor_an_sdk() -> None:
    code = (
        "import sys; from providers.registry import load; load('kubernetes');"
        "print([m for m in ('kubernetes_asyncio', 'aiohttp', 'cryptography') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_connecting_loads_no_sdk() -> None:
    code = (
        "import sys; from providers.kubernetes import client, capabilities, watching;"
        "print([m for m in ('kubernetes_asyncio', 'cryptography', 'asyncssh') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
