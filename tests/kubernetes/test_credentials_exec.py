"""Exec plug-ins as real programs: well behaved, hanging, failing, chattering, absent."""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from providers.contract import Problem
from providers.kubernetes import exec_plugin
from providers.kubernetes.target import Cluster, Exec, Extension, Target, User, Variable

V1 = "client.authentication.k8s.io/v1"


def program(folder: Path, body: str, name: str = "plugin") -> str:
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time, subprocess\n{body}\n")
    path.chmod(0o755)
    return str(path)


def printing(status: dict[str, Any], version: str = V1) -> str:
    credential = {"apiVersion": version, "kind": "ExecCredential", "status": status}
    return f"print({json.dumps(credential)!r})"


def target(plugin: Exec, cluster: Cluster | None = None) -> Target:
    return Target(
        "prod", cluster or Cluster(server="https://api"), User(exec=plugin), "c", "admin", "", "/k/config"
    )


def plugin(command: str, **more: Any) -> Exec:
    return Exec(command=command, api_version=more.pop("api_version", V1), **more)


async def run(one: Exec, cluster: Cluster | None = None, timeout: float = 20) -> exec_plugin.Status:
    return await exec_plugin.run(target(one, cluster), one, timeout=timeout)


async def test_a_token_with_its_expiry(tmp_path: Path) -> None:
    status = await run(
        plugin(program(tmp_path, printing({"token": "t1", "expirationTimestamp": "2030-01-02T03:04:05Z"})))
    )
    assert status.token == "t1"
    assert status.expiration_timestamp is not None
    assert status.expiration_timestamp.year == 2030
    assert "t1" not in repr(status)


async def test_it_is_told_the_cluster_and_its_own_environment(tmp_path: Path) -> None:
    dump = tmp_path / "dump.json"
    told = "[os.environ['KUBERNETES_EXEC_INFO'], os.environ['PROFILE'], sys.argv[1:], sys.stdin.read()]"
    body = f"assert os.getsid(0) == os.getpid()\njson.dump({told}, open({str(dump)!r}, 'w'))\n" + printing(
        {"token": "t"}
    )
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"PEM")
    cluster = Cluster(
        server="https://api:6443",
        certificate_authority=str(authority),
        tls_server_name="inner",
        extensions=(Extension("client.authentication.k8s.io/exec", {"audience": "x"}), Extension("other", 1)),
    )
    one = plugin(
        program(tmp_path, body),
        args=("--a", "b c"),
        env=(Variable("PROFILE", "p"),),
        provide_cluster_info=True,
    )
    await run(one, cluster)
    info, profile, args, stdin = json.loads(dump.read_text())
    assert (profile, args, stdin) == ("p", ["--a", "b c"], "")
    assert json.loads(info) == {
        "kind": "ExecCredential",
        "apiVersion": V1,
        "spec": {
            "interactive": False,
            "cluster": {
                "server": "https://api:6443",
                "tls-server-name": "inner",
                "certificate-authority-data": "UEVN",
                "config": {"audience": "x"},
            },
        },
    }


async def test_without_provide_cluster_info_it_is_told_nothing_of_the_cluster(tmp_path: Path) -> None:
    body = "assert 'cluster' not in json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']\n" + printing(
        {"token": "t"}
    )
    assert (await run(plugin(program(tmp_path, body)))).token == "t"


async def test_300_kB_on_stderr_do_not_stop_it(tmp_path: Path) -> None:
    body = "sys.stderr.write('x' * 300_000 + 'END'); sys.stderr.flush()\n" + printing({"token": "t"})
    assert (await run(plugin(program(tmp_path, body)))).token == "t"


async def test_a_failing_one_is_quoted_by_its_last_words(tmp_path: Path) -> None:
    body = "sys.stderr.write('noise\\n' * 50_000 + '\\x1b[31mSSO session expired\\n'); sys.exit(3)"
    with pytest.raises(Problem) as caught:
        await run(plugin(program(tmp_path, body), args=("get-token",)))
    assert "plugin failed with status 3" in caught.value.detail
    assert "SSO session expired" in caught.value.detail
    assert "\x1b" not in caught.value.detail
    assert len(caught.value.detail) < 700
    assert "plugin get-token" in caught.value.remedy


async def test_a_hanging_one_is_stopped_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    body = (
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\nchild.wait()"
    )
    started = time.monotonic()
    with pytest.raises(Problem, match="gave no answer in 1 s and was stopped"):
        await run(plugin(program(tmp_path, body)), timeout=1)
    assert time.monotonic() - started < 5
    for pid in map(int, pids.read_text().split()):
        assert ends(pid, 5)


def ends(pid: int, seconds: float) -> bool:
    """Whether the process ends within that time."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], seconds)[0])
    finally:
        os.close(watched)


async def test_a_child_left_behind_does_not_hold_the_answer_up(tmp_path: Path) -> None:
    body = (
        printing({"token": "t"})
        + "\nsys.stdout.flush(); subprocess.Popen(['sleep', '5'], start_new_session=True)"
    )
    started = time.monotonic()
    assert (await run(plugin(program(tmp_path, body)))).token == "t"
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("print('<html>')", "printed no credential"),
        ("pass", "printed no credential"),
        ("print('{}')", "no ExecCredential"),
        (printing({}), "neither a token nor a certificate"),
        (
            printing({"token": "t"}, "client.authentication.k8s.io/v1beta1"),
            "answered as client.authentication.k8s.io/v1beta1",
        ),
        (printing({"clientCertificateData": "PEM"}), "certificate without its key"),
        (printing({"token": "t", "expirationTimestamp": "soon"}), "printed no credential"),
        ("sys.stdout.write('x' * 2_000_000)", "more than 1 MB"),
    ],
)
async def test_garbage_is_named(tmp_path: Path, printed: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        await run(plugin(program(tmp_path, printed)))


async def test_an_absent_one_shows_its_install_hint() -> None:
    with pytest.raises(Problem) as caught:
        await run(plugin("no-such-plugin-here", install_hint="Install it\nwith: brew install it"))
    assert "'no-such-plugin-here' was not found in PATH" in caught.value.detail
    assert caught.value.remedy == "Install it with: brew install it"


async def test_a_bare_name_is_never_taken_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, printing({"token": "stolen"}), "helper")
    monkeypatch.chdir(tmp_path)
    for path in ("/usr/bin", f".{os.pathsep}/usr/bin", f"{os.pathsep}/usr/bin"):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(Problem, match="was not found"):
            await run(plugin("helper"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"api_version": "client.authentication.k8s.io/v1alpha1"}, "v1alpha1: not supported"),
        ({"api_version": ""}, "speaks no version"),
        ({"interactive_mode": "Always"}, "insists on a terminal"),
    ],
)
async def test_what_cannot_work_is_refused_before_it_runs(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    mark = tmp_path / "ran"
    one = plugin(program(tmp_path, f"open({str(mark)!r}, 'w')"), **change)
    with pytest.raises(Problem, match=said):
        await run(one)
    assert not mark.exists()


async def test_L20_a_hanging_one_ends_with_whoever_asked(tmp_path: Path) -> None:
    pids = tmp_path / "pid"
    os.mkfifo(pids)
    body = f"open({str(pids)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    asked = asyncio.create_task(run(plugin(program(tmp_path, body))))
    pid = int(await asyncio.to_thread(pids.read_text))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert ends(pid, 1)
