"""Kubeconfigs read, merged and chosen from, held against kubectl and kubernetes_asyncio's merger."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from providers.contract import Problem
from providers.kubernetes import in_cluster, kubeconfig, target
from providers.kubernetes.kubeconfig import Kubeconfig


def written(path: Path, **parts: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **parts}))
    return path


def simple(path: Path, *names: str, current: str = "") -> Path:
    """A kubeconfig with a context, a cluster and a user of each name."""
    return written(
        path,
        clusters=[{"name": n, "cluster": {"server": f"https://{n}.{path.stem}"}} for n in names],
        users=[{"name": n, "user": {"token": f"{n}-{path.stem}"}} for n in names],
        contexts=[{"name": n, "context": {"cluster": n, "user": n, "namespace": path.stem}} for n in names],
        **({"current-context": current} if current else {}),
    )


def load(*files: Path) -> Kubeconfig:
    return kubeconfig.load("", {"KUBECONFIG": os.pathsep.join(map(str, files))})


def test_the_first_file_wins_for_each_name_and_for_the_current_context(tmp_path: Path) -> None:
    first = simple(tmp_path / "a", "x", "y")
    second = simple(tmp_path / "b", "y", "z", current="z")
    third = simple(tmp_path / "c", "z", current="x")
    merged = load(first, tmp_path / "missing", second, third)
    assert {name: one.server for name, one in merged.clusters.items()} == {
        "x": "https://x.a",
        "y": "https://y.a",
        "z": "https://z.b",
    }
    assert {name: one.token for name, one in merged.users.items()} == {"x": "x-a", "y": "y-a", "z": "z-b"}
    assert merged.current == "z"
    assert merged.files == (str(first), str(second), str(third))


def random_files(folder: Path, rng: random.Random) -> list[Path]:
    files = []
    for index in range(rng.randint(1, 4)):
        names = rng.sample("abcdef", rng.randint(0, 4))
        current = rng.choice(["", *"abcdef"])
        files.append(simple(folder / f"f{index}", *names, current=current))
    return files


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not on the PATH")
def test_merging_is_kubectls(tmp_path: Path) -> None:
    for seed in range(12):
        files = random_files(tmp_path / str(seed), random.Random(seed))
        merged = load(*files)
        listed = os.pathsep.join(map(str, files))
        command = ["kubectl", "config", "view", "--raw", "-o", "json"]
        env = {**os.environ, "KUBECONFIG": listed}
        theirs = json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
        assert merged.current == theirs["current-context"]
        assert {n: c.server for n, c in merged.clusters.items()} == {
            one["name"]: one["cluster"]["server"] for one in theirs["clusters"] or []
        }
        assert {n: u.token for n, u in merged.users.items()} == {
            one["name"]: one["user"]["token"] for one in theirs["users"] or []
        }
        assert {n: (c.cluster, c.user, c.namespace) for n, c in merged.contexts.items()} == {
            one["name"]: (one["context"]["cluster"], one["context"]["user"], one["context"]["namespace"])
            for one in theirs["contexts"] or []
        }


def test_merging_differs_from_kubernetes_asyncios_only_in_whose_current_context_wins(tmp_path: Path) -> None:
    reference = pytest.importorskip("kubernetes_asyncio.config.kube_config")
    for seed in range(40):
        files = random_files(tmp_path / str(seed), random.Random(seed))
        merged = load(*files)
        theirs = reference.KubeConfigMerger(os.pathsep.join(map(str, files))).config.value
        assert list(merged.clusters) == [one.value["name"] for one in theirs["clusters"]]
        assert [c.server for c in merged.clusters.values()] == [
            one.value["cluster"]["server"] for one in theirs["clusters"]
        ]
        assert [u.token for u in merged.users.values()] == [o.value["user"]["token"] for o in theirs["users"]]
        assert [c.namespace for c in merged.contexts.values()] == [
            one.value["context"]["namespace"] for one in theirs["contexts"]
        ]
        currents = [yaml.safe_load(file.read_text()).get("current-context", "") for file in files]
        assert theirs.get("current-context", "") == next(filter(None, reversed(currents)), "")
        assert merged.current == next(filter(None, currents), "")


def test_relative_paths_are_those_of_the_file_that_names_them(tmp_path: Path) -> None:
    user = {
        "client-certificate": "pki/me.crt",
        "client-key": "/abs/me.key",
        "tokenFile": "token",
        "exec": {"command": "bin/login", "apiVersion": "v1"},
    }
    file = written(
        tmp_path / "sub" / "config",
        clusters=[{"name": "c", "cluster": {"server": "https://c", "certificate-authority": "../ca.crt"}}],
        users=[{"name": "u", "user": user}, {"name": "bare", "user": {"exec": {"command": "login"}}}],
    )
    merged = load(file)
    assert os.path.normpath(merged.clusters["c"].certificate_authority) == str(tmp_path / "ca.crt")
    one = merged.users["u"]
    assert one.client_certificate == str(tmp_path / "sub/pki/me.crt")
    assert one.client_key == "/abs/me.key"
    assert one.token_file == str(tmp_path / "sub/token")
    assert one.exec
    assert one.exec.command == str(tmp_path / "sub/bin/login")
    bare = merged.users["bare"].exec
    assert bare
    assert bare.command == "login"


def test_nothing_is_read_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "kubeconfig", ".kube/config"):
        simple(tmp_path / "here" / name, "trap", current="trap")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for environ in ({}, {"KUBECONFIG": ""}, {"KUBECONFIG": os.pathsep}):
        with pytest.raises(Problem, match=r"home/\.kube/config does not exist"):
            kubeconfig.load("", environ)
    simple(tmp_path / "home" / ".kube" / "config", "mine", current="mine")
    assert kubeconfig.load("", {}).current == "mine"


def test_nulls_dates_and_folded_base64_are_read_as_kubectl_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        "apiVersion: v1\nclusters:\n- name: c\n  cluster:\n    server: https://c\n    tls-server-name: null\n"
        "    certificate-authority-data: |\n      UEVN\n      UEVN\n"
        "users:\n- name: u\n  user:\n    auth-provider: {name: gcp, config: {expiry: 2024-01-02}}\n"
        "contexts: null\ncurrent-context: null\n"
    )
    merged = load(file)
    assert merged.clusters["c"].certificate_authority_data == b"PEMPEM"
    provider = merged.users["u"].auth_provider
    assert provider
    assert provider.config == {"expiry": "2024-01-02"}
    assert (merged.contexts, merged.current) == ({}, "")


def test_secrets_are_never_printed(tmp_path: Path) -> None:
    secrets = {"token": "SECRET", "password": "SECRET", "client-key-data": "U0VDUkVU"}
    user = {**secrets, "exec": {"command": "x", "env": [{"name": "A", "value": "SECRET"}]}}
    config = load(written(tmp_path / "config", users=[{"name": "u", "user": user}]))
    assert config.users["u"].token == "SECRET"
    assert "SECRET" not in repr(config)
    assert "SECRET" not in repr(config.users["u"].exec)
    assert "SECRET" not in repr(config.users["u"].__rich_repr__())
    through = target.Cluster(server="https://api", proxy_url="http://ann:SECRET@proxy:3128")
    assert "SECRET" not in repr(target.Target("prod", through, target.User()))


# ---- what can be wrong with a file -------------------------------------------------------------------


def problem(file: Path) -> Problem:
    with pytest.raises(Problem) as caught:
        kubeconfig.load(str(file))
    assert str(file) in caught.value.detail
    assert caught.value.remedy
    assert caught.value.state == "denied"
    return caught.value


def test_an_explicit_file_that_is_missing(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in problem(tmp_path / "none").detail


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    assert "Is a directory" in problem(tmp_path).detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    file = simple(tmp_path / "config", "x")
    file.chmod(0)
    assert "Permission denied" in problem(file).detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"clusters:\n- name: a\n  cluster: {server: https://a\n", "is not YAML (line 4"),
        (b"clusters: [x: {]", "is not YAML (line 1, column 16)"),
        (b"\xff\xfe\x00garbage\x81", "is not YAML"),
        (b"clusters: \xff", "is not YAML"),
        (b"just words", "is not a kubeconfig: Expected `object`"),
        (b"- a\n- b\n", "is not a kubeconfig: Expected `object`"),
        (b"clusters: 5", "is not a kubeconfig: Expected `array`, got `int` - at `$.clusters`"),
        (b"users: [{name: u, user: {token: [1]}}]", "at `$.users[0].user.token`"),
        (b"users: [{name: u, user: {client-key-data: '%%%'}}]", "client-key-data"),
        (b"users: [{user: {}}]", "missing required field `name`"),
        (b"users: [{name: u}, {name: u}]", "names the user 'u' twice"),
    ],
)
def test_a_file_that_is_not_a_kubeconfig(tmp_path: Path, text: bytes, said: str) -> None:
    file = tmp_path / "config"
    file.write_bytes(text)
    assert said in problem(file).detail


# ---- which contexts ----------------------------------------------------------------------------------


def test_contexts_by_name_by_glob_and_by_default(tmp_path: Path) -> None:
    config = load(simple(tmp_path / "a", "prod-eu", "prod-us", "dev", current="dev"))
    assert kubeconfig.choose(config, []) == ["dev"]
    assert kubeconfig.choose(config, ["prod-us"]) == ["prod-us"]
    assert kubeconfig.choose(config, ["prod-*", "*-eu", "dev"]) == ["prod-eu", "prod-us", "dev"]
    assert kubeconfig.choose(config, ["*"]) == ["prod-eu", "prod-us", "dev"]


def test_a_name_with_glob_characters_in_it_is_itself(tmp_path: Path) -> None:
    config = load(simple(tmp_path / "a", "[x]", "x", current="x"))
    assert kubeconfig.choose(config, ["[x]"]) == ["[x]"]


def test_no_such_context_says_which_exist_and_which_is_near(tmp_path: Path) -> None:
    config = load(simple(tmp_path / "a", "prod-eu", "prod-us", "dev", current="dev"))
    with pytest.raises(Problem) as caught:
        kubeconfig.choose(config, ["dev", "prod-eo"])
    assert "no context is called 'prod-eo'" in caught.value.detail
    assert str(tmp_path / "a") in caught.value.detail
    assert "did you mean 'prod-eu'?" in caught.value.remedy
    assert "dev, prod-eu, prod-us" in caught.value.remedy


def test_a_current_context_that_does_not_exist_or_is_not_set(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no context is called 'gone'"):
        kubeconfig.choose(load(simple(tmp_path / "a", "x", current="gone")), [])
    with pytest.raises(Problem, match="no current context is set"):
        kubeconfig.choose(load(simple(tmp_path / "b", "x")), [])
    with pytest.raises(Problem, match="has no contexts"):
        kubeconfig.choose(load(written(tmp_path / "c")), [])


def test_a_context_that_names_what_is_missing(tmp_path: Path) -> None:
    contexts = [
        {"name": "no-cluster", "context": {"cluster": "gone", "user": "u"}},
        {"name": "no-user", "context": {"cluster": "c", "user": "gone"}},
        {"name": "empty", "context": {}},
        {"name": "no-server", "context": {"cluster": "hollow"}},
        {"name": "anonymous", "context": {"cluster": "c"}},
    ]
    clusters = [{"name": "c", "cluster": {"server": "https://c"}}, {"name": "hollow", "cluster": {}}]
    file = written(tmp_path / "f", clusters=clusters, users=[{"name": "u", "user": {}}], contexts=contexts)
    config = load(file)
    said = {
        "no-cluster": "is for the cluster 'gone', which no file defines",
        "no-user": "is for the user 'gone', which no file defines",
        "empty": "names no cluster",
        "no-server": "gives the cluster 'hollow' no server",
    }
    for name, detail in said.items():
        with pytest.raises(Problem) as caught:
            kubeconfig.resolve(config, name)
        assert detail in caught.value.detail
        assert str(file) in caught.value.detail
    assert kubeconfig.resolve(config, "anonymous").cluster.server == "https://c"


# ---- in a cluster ------------------------------------------------------------------------------------


def test_in_cluster_needs_both_the_address_and_the_token(tmp_path: Path) -> None:
    full = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    assert in_cluster.target(full, str(tmp_path)) is None
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_text("PEM")
    (tmp_path / "namespace").write_text("tools\n")
    assert in_cluster.target({}, str(tmp_path)) is None
    found = in_cluster.target(full, str(tmp_path))
    assert found
    assert (found.name, found.cluster.server, found.namespace) == (
        "in-cluster",
        "https://10.0.0.1:443",
        "tools",
    )
    assert found.user.token_file == str(tmp_path / "token")
    assert found.cluster.certificate_authority == str(tmp_path / "ca.crt")
    six = in_cluster.target({**full, "KUBERNETES_SERVICE_HOST": "fd00::1"}, str(tmp_path))
    assert six
    assert six.cluster.server == "https://[fd00::1]:443"


def test_the_ordinary_path_imports_no_sdk_and_no_http() -> None:
    code = (
        "import sys; from providers.kubernetes import kubeconfig, in_cluster, exec_plugin;"
        "print([m for m in ('kubernetes_asyncio', 'aiohttp', 'cryptography') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
