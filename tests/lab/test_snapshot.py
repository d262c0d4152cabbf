"""`snapshot` agrees with the API server row for row; it and `doctor` name what is wrong and the remedy."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from providers.text import clean

from .certificates import Authority
from .cluster import Lab
from .person import COMMAND, home_of
from .stage import names

AS_TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"
Json = dict[str, Any]


def run(
    home: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The real command, as a script would call it."""
    return subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, **home_of(home), **(environment or {})},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def flags(lab: Lab, user: str = "admin") -> list[str]:
    return ["--kubeconfig", str(lab.kubeconfig(user=user)), "--context", "lab"]


# ---- what it prints ----------------------------------------------------------------------------------


async def table(session: aiohttp.ClientSession, what: str) -> dict[str, Json]:
    """The server's own rows, by uid: what `kubectl get -o wide` prints."""
    async with session.get(f"/api/v1/{what}", headers={"Accept": AS_TABLE}) as answer:
        printed = await answer.json()
    titles = [column["name"] for column in printed["columnDefinitions"]]
    return {
        row["object"]["metadata"]["uid"]: {
            **row["object"]["metadata"],
            **dict(zip(titles, row["cells"], strict=True)),
        }
        for row in printed["rows"]
    }


async def beside(lab: Lab, home: Path) -> tuple[Json, dict[str, Json], dict[str, Json]]:
    """A snapshot, and the server's rows of pods and nodes that were the same before it and after."""
    async with lab.access().session() as session:
        for _ in range(5):
            before = [await table(session, what) for what in ("pods", "nodes")]
            done = run(home, "snapshot", *flags(lab), "--output", "json")
            assert done.returncode == 0, done.stderr
            pods, nodes = after = [await table(session, what) for what in ("pods", "nodes")]
            if [list(map(_still, rows.values())) for rows in before] == [
                list(map(_still, rows.values())) for rows in after
            ]:
                return json.loads(done.stdout), pods, nodes
    raise AssertionError("the cluster never held still")


def _still(row: Json) -> str:
    return f"{row['uid']} {row['resourceVersion']}"


async def test_a_snapshot_agrees_with_the_server_pod_for_pod_and_node_for_node(
    lab: Lab, tmp_path: Path
) -> None:
    shown, pods, nodes = await beside(lab, tmp_path)
    assert len(shown["pods"]) == len(pods) > 100
    for pod in shown["pods"]:
        theirs = pods.pop(pod["uid"])
        where = pod["namespace"], pod["name"]
        assert where == (theirs["namespace"], theirs["Name"])
        assert pod["status"] == clean(theirs["Status"]), where
        assert pod["ready"] == theirs["Ready"], where
        assert pod["restarts"] == int(str(theirs["Restarts"]).split(" ")[0]), where
        assert (pod["node"] or "<none>", pod["ip"] or "<none>") == (theirs["Node"], theirs["IP"]), where
        assert pod["cluster"] == "lab"
        assert pod["age_seconds"] >= 0
    assert not pods
    on_it = Counter(pod["node"] for pod in shown["pods"])
    by_name = {row["Name"]: row for row in nodes.values()}
    assert {node["name"] for node in shown["nodes"]} == set(by_name)
    for node in shown["nodes"]:
        theirs = by_name[node["name"]]
        said = (node["status"], node["roles"] or "<none>", node["version"], node["pods"])
        assert said == (theirs["Status"], theirs["Roles"], theirs["Version"], on_it[node["name"]]), node[
            "name"
        ]
    (source,) = shown["sources"]
    assert (source["name"], source["provider"], source["health"]) == ("lab", "kubernetes", "live")
    assert (source["cluster"], source["identity"]) == ("lab", "admin")
    assert shown["instances"] == []


def test_a_snapshot_as_a_table_has_every_name_in_full(lab: Lab, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", *flags(lab))
    assert (done.returncode, done.stderr) == (0, "")
    assert set(names(lab, "-A")) <= set(done.stdout.split())
    assert "\x1b" not in done.stdout


def test_a_snapshot_as_a_picture_is_a_picture(lab: Lab, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", *flags(lab), "-o", "svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert ET.fromstring(done.stdout).tag.endswith("svg")
    assert "ip-10-12-0-9" in done.stdout


def test_one_namespace_only(lab: Lab, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", *flags(lab, "ns-only"), "-n", "shop", "-o", "json")
    shown = json.loads(done.stdout)
    assert [pod["name"] for pod in shown["pods"]] == names(lab, "-n", "shop")
    assert done.returncode == 3, "the nodes are not this user's to see"


def test_several_contexts_by_glob(lab: Lab, tmp_path: Path) -> None:
    admin = yaml.safe_load(lab.kubeconfig().read_text())
    viewer = yaml.safe_load(lab.kubeconfig(user="viewer").read_text())
    both = {**admin, "users": admin["users"] + viewer["users"], "contexts": []}
    for name, user in (("east-1", "admin"), ("east-2", "viewer"), ("west", "admin")):
        both["contexts"].append({"name": name, "context": {"cluster": "lab", "user": user}})
    file = tmp_path / "both"
    file.write_text(yaml.safe_dump(both))
    done = run(tmp_path, "snapshot", "--kubeconfig", str(file), "--context", "east-*", "-o", "json")
    shown = json.loads(done.stdout)
    assert done.returncode == 0
    assert [source["name"] for source in shown["sources"]] == ["east-1", "east-2"]
    assert len(shown["nodes"]) == 2 * len(lab.kubectl("get", "nodes", "--no-headers").splitlines())


# ---- what is denied ----------------------------------------------------------------------------------


def test_what_is_denied_is_said_by_snapshot_and_doctor_alike(lab: Lab, tmp_path: Path) -> None:
    nobody = flags(lab, "nobody")
    done, doctor = run(tmp_path, "snapshot", *nobody, "-o", "json"), run(tmp_path, "doctor", *nobody)
    assert (done.returncode, doctor.returncode) == (3, 3)
    assert json.loads(done.stdout)["sources"][0]["health"] == "denied"
    assert 'User "nobody" cannot' in done.stderr
    assert "ask for the right" in done.stderr
    assert "identity: nobody" in doctor.stdout
    assert "may not list nodes" in doctor.stdout
    assert "may not list pods" in doctor.stdout
    assert "→ ask for the right" in doctor.stdout

    some = flags(lab, "pods-only")
    done, doctor = run(tmp_path, "snapshot", *some, "-o", "json"), run(tmp_path, "doctor", *some)
    assert (done.returncode, doctor.returncode) == (3, 3)
    assert len(json.loads(done.stdout)["pods"]) == len(names(lab, "-A"))
    assert "may list and watch pods" in doctor.stdout
    assert "may not list nodes" in doctor.stdout


def test_the_doctor_is_content_with_who_may_read(lab: Lab, tmp_path: Path) -> None:
    doctor = run(tmp_path, "doctor", *flags(lab, "viewer"))
    assert doctor.returncode == 0, doctor.stdout
    assert "may not cordon and uncordon" in doctor.stdout
    assert "✕" not in doctor.stdout


# ---- bad input ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """What is wrong, and what must be said of it: by snapshot on stderr and by doctor on stdout."""

    make: Callable[[Lab, Path], list[str]]
    words: tuple[str, ...]
    status: int = 3


def _changed(lab: Lab, home: Path, change: Callable[[Json], None], user: str = "admin") -> list[str]:
    data = yaml.safe_load(lab.kubeconfig(user=user).read_text())
    change(data)
    file = home / "changed"
    file.write_text(yaml.safe_dump(data))
    return ["--kubeconfig", str(file)]


def _cluster(**values: str) -> Callable[[Lab, Path], list[str]]:
    return lambda lab, home: _changed(lab, home, lambda data: data["clusters"][0]["cluster"].update(values))


def _user(**values: Any) -> Callable[[Lab, Path], list[str]]:
    return lambda lab, home: _changed(lab, home, lambda data: data["users"][0].update(user=values))


def _file(text: bytes) -> Callable[[Lab, Path], list[str]]:
    def make(lab: Lab, home: Path) -> list[str]:
        (home / "bad").write_bytes(text)
        return ["--kubeconfig", str(home / "bad")]

    return make


def _folder(lab: Lab, home: Path) -> list[str]:
    return ["--kubeconfig", str(home)]


def _expired(lab: Lab, home: Path) -> list[str]:
    """A certificate of the lab's own authority that has run out."""
    mine = Authority(home / "pki")
    certificate, key = mine.issue("late", days=-1)
    return _user(**{"client-certificate": str(certificate), "client-key": str(key)})(lab, home)


def _other_authority(lab: Lab, home: Path) -> list[str]:
    ca = Authority(home / "pki", common_name="somebody else").certificate

    def change(data: Json) -> None:
        data["clusters"][0]["cluster"].pop("certificate-authority-data")
        data["clusters"][0]["cluster"]["certificate-authority"] = str(ca)

    return _changed(lab, home, change)


def _plugin(code: str) -> Callable[[Lab, Path], list[str]]:
    def make(lab: Lab, home: Path) -> list[str]:
        script = home / "plugin"
        script.write_text(f"#!/bin/sh\n{code}\n")
        script.chmod(0o755)
        exec_ = {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(script),
            "interactiveMode": "Never",
        }
        return _user(exec=exec_)(lab, home)

    return make


BAD = {
    "missing": Bad(
        lambda lab, home: ["--kubeconfig", str(home / "none")],
        ("none cannot be read: No such file", "name another file with --kubeconfig"),
        2,
    ),
    "a folder": Bad(_folder, ("cannot be read: Is a directory", "--kubeconfig"), 2),
    "not YAML": Bad(_file(b"a: [b\n c"), ("is not YAML (line 3", "correct it"), 2),
    "not text": Bad(_file(b"\xff\xfe\x00binary"), ("bad", "correct it"), 2),
    "not a kubeconfig": Bad(_file(b"just words"), ("is not a kubeconfig", "kubectl config view"), 2),
    "empty": Bad(_file(b""), ("has no contexts", "name another file"), 2),
    "no such context": Bad(
        lambda lab, home: [*flags(lab)[:2], "--context", "nope"],
        ("no context is called 'nope'", "contexts there: lab"),
        2,
    ),
    "no such user": Bad(
        lambda lab, home: _changed(lab, home, lambda data: data.update(users=[])),
        ("is for the user 'admin', which no file defines", "users defined: none"),
        2,
    ),
    "wrong token": Bad(_user(token="wrong"), ("does not accept the credentials (401", "log in again")),
    "expired certificate": Bad(_expired, ("expired", "certificate")),
    "another authority": Bad(_other_authority, ("certificate", "certificate-authority")),
    "refused": Bad(_cluster(server="https://127.0.0.1:1"), ("127.0.0.1:1 refuses connections", "`server:`")),
    "no such host": Bad(
        _cluster(server="https://no-such-host.invalid"), ("no-such-host.invalid", "cannot be resolved", "VPN")
    ),
    "no such plug-in": Bad(
        _user(exec={"apiVersion": "client.authentication.k8s.io/v1", "command": "/no/such/plugin"}),
        ("/no/such/plugin", "install"),
    ),
    "a plug-in that fails": Bad(_plugin("echo log in first >&2; exit 3"), ("plugin", "log in first")),
    "a plug-in that talks": Bad(_plugin("head -c 300000 /dev/zero | tr '\\0' x"), ("plugin",)),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_bad_input_is_named_with_its_remedy(lab: Lab, tmp_path: Path, case: Bad) -> None:
    arguments = case.make(lab, tmp_path)
    done = run(tmp_path, "snapshot", *arguments, "--timeout", "40", "-o", "json")
    _says(done.stderr, case.words)
    assert done.returncode == case.status, done.stderr
    assert json.loads(done.stdout)["pods"] == []
    doctor = run(tmp_path, "doctor", *arguments, "--timeout", "40")
    _says(doctor.stdout + doctor.stderr, case.words)
    assert doctor.returncode == 3, doctor.stdout


def _says(text: str, words: tuple[str, ...]) -> None:
    assert "Traceback" not in text
    assert "\x1b" not in text
    said = " ".join(text.split())
    assert [word for word in words if word not in said] == [], text


def test_an_unreadable_file_is_named(lab: Lab, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    file.chmod(0)
    if os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    done = run(tmp_path, "snapshot", "--kubeconfig", str(file))
    _says(done.stderr, ("secret cannot be read: Permission denied",))
    assert done.returncode == 2


class _Page(BaseHTTPRequestHandler):
    """A login page for everything."""

    def do_GET(self) -> None:
        body = b"<html><body>Please log in</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[int]:
    """A web server that is no API server; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(how: bytes | None) -> Iterator[int]:
    """A server that says this to whoever connects and resets the connection; with None it says nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    ended = threading.Event()
    held: list[socket.socket] = []

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if how is None:
                held.append(connection)
                continue
            with connection:
                connection.recv(4096)
                connection.sendall(how)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in held:
            connection.close()


def test_a_web_page_is_not_taken_for_an_api_server(lab: Lab, tmp_path: Path) -> None:
    with serving() as port:
        arguments = _cluster(server=f"http://127.0.0.1:{port}")(lab, tmp_path)
        done, doctor = run(tmp_path, "snapshot", *arguments), run(tmp_path, "doctor", *arguments)
    for text in (done.stderr, doctor.stdout):
        _says(text, (f"127.0.0.1:{port}", "web page", "not a Kubernetes API", "login page"))
    assert (done.returncode, doctor.returncode) == (3, 3)
    assert "not encrypted" in doctor.stdout


def test_a_server_that_hangs_is_named_and_waited_for_no_longer_than_told(lab: Lab, tmp_path: Path) -> None:
    with answering(None) as port:
        arguments = [*_cluster(server=f"https://127.0.0.1:{port}")(lab, tmp_path), "--timeout", "3"]
        done, doctor = run(tmp_path, "snapshot", *arguments), run(tmp_path, "doctor", *arguments)
    for text in (done.stderr, doctor.stdout):
        _says(text, (f"127.0.0.1:{port} has not answered within 3 s", "--timeout waits longer"))
    assert (done.returncode, doctor.returncode) == (3, 3)


def test_half_a_line_and_a_reset_are_told(lab: Lab, tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    half = head + b'20\r\n{"type":"ADD'
    with answering(half) as port:
        arguments = [*_cluster(server=f"http://127.0.0.1:{port}")(lab, tmp_path), "--timeout", "10"]
        done, doctor = run(tmp_path, "snapshot", *arguments), run(tmp_path, "doctor", *arguments)
    for text in (done.stderr, doctor.stdout):
        _says(text, (f"127.0.0.1:{port}",))
    assert (done.returncode, doctor.returncode) == (3, 3)


def test_bad_arguments_leave_with_2(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[look]\nthema = 'x'\n")
    for arguments, words in (
        (["snapshot", "--no-such-flag"], ("--no-such-flag",)),
        (["snapshot", "--pods", "5", *flags(lab)], ("--pods", "add --demo")),
        (["snapshot", "--output", "xml"], ("xml", "json")),
        (["snapshot", "--config", str(tmp_path / "bad.toml")], ("bad.toml", "line 2", "thema", "theme")),
        (["snapshot", "--config", str(tmp_path / "none.toml")], ("none.toml", "no such file")),
        (["snapshot", "--provider", "nonesuch"], ("nonesuch", "kubernetes")),
    ):
        done = run(tmp_path, *arguments)
        _says(done.stderr, words)
        assert done.returncode == 2, (arguments, done.stderr)
