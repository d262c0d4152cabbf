"""The commands that print and exit, and what they say when they can't: one line that names what is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from providers.stream import VERSION
from tests.pty.real import PATIENCE, ended, run, started

pytestmark = pytest.mark.pty
SMALL = ("--demo", "--pods", "40", "--nodes", "6", "--seed", "3")
NOWHERE = """\
apiVersion: v1
kind: Config
current-context: a
contexts: [{name: a, context: {cluster: a, user: a}}]
clusters: [{name: a, cluster: {server: "http://127.0.0.1:9"}}]
users: [{name: a, user: {token: secret}}]
"""


def test_snapshot_as_json_is_the_whole_fleet_the_same_each_time() -> None:
    first, again = run("snapshot", *SMALL, "--rate", "0", "-o", "json"), run("snapshot", *SMALL, "-o", "json")
    assert first.returncode == 0
    assert not first.stderr
    fleet = json.loads(first.stdout)
    assert {kind: len(fleet[kind]) for kind in ("nodes", "pods")} == {"nodes": 6, "pods": 40}
    assert all(source["health"] == "live" for source in fleet["sources"])
    assert {pod["cluster"] for pod in fleet["pods"]} == {"prod-eu", "prod-us", "staging"}
    names = [(pod["cluster"], pod["namespace"], pod["name"]) for pod in fleet["pods"]]
    assert names == [(p["cluster"], p["namespace"], p["name"]) for p in json.loads(again.stdout)["pods"]]


def test_snapshot_as_a_table_that_is_piped_cuts_nothing() -> None:
    shown = run("snapshot", *SMALL)
    assert shown.returncode == 0
    fleet = json.loads(run("snapshot", *SMALL, "-o", "json").stdout)
    for pod in fleet["pods"]:
        line = next(line for line in shown.stdout.splitlines() if f" {pod['name']} " in line)
        assert line.split()[:3] == [pod["cluster"], pod["namespace"], pod["name"]]
        assert f" {pod['ready']} " in line
    assert "…" not in shown.stdout.split("\nPods\n")[1]
    assert "\x1b" not in shown.stdout


def test_snapshot_as_a_table_fits_its_terminal() -> None:
    with started("snapshot", *SMALL, columns=80, rows=120) as terminal:
        assert ended(terminal) == 0
        heads = [line for line in terminal.lines if line.startswith(("NAME ", "CLUSTER ", "NAMESPACE "))]
        assert len(heads) == 6
        assert "✕" in terminal.text or "●" in terminal.text
        lines = bytes(terminal.log).decode().split("\r\n")
        assert len([line for line in lines if line.strip()]) == len(
            [line for line in terminal.lines if line.strip()]
        )


def test_snapshot_as_a_picture_is_svg() -> None:
    shown = run("snapshot", *SMALL, "--output", "svg")
    assert shown.returncode == 0
    root = ElementTree.fromstring(shown.stdout)
    assert root.tag.endswith("svg")
    assert "kube-system" in "".join(root.itertext())


def test_snapshot_says_which_source_did_not_answer_with_exit_status_3(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(NOWHERE)
    shown = run("snapshot", "--kubeconfig", str(path), "--output", "json")
    assert shown.returncode == 3
    assert "quarterdeck: a: 127.0.0.1:9 refuses connections" in shown.stderr
    assert json.loads(shown.stdout)["sources"][0]["health"] == "lost"
    assert "secret" not in shown.stdout + shown.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--context", "zzz"), "no context is called 'zzz'"),
        (("--kubeconfig", "{tmp}/none"), "{tmp}/none cannot be read"),
        (("--kubeconfig", "{tmp}/text"), "{tmp}/text"),
        (("--config", "{tmp}/none.toml"), "{tmp}/none.toml: no such file"),
        (
            ("--config", "{tmp}/wrong.toml"),
            "{tmp}/wrong.toml: line 2: look.them: no such key; here: ",
        ),
        (("--demo", "--config", "{tmp}/demo.toml"), "provider 'demo' has no option 'podz'"),
        (("--config", "{tmp}/toml.toml"), "{tmp}/toml.toml: not valid TOML"),
        (
            ("--provider", "nope"),
            "--provider nope: not installed; there are: aws, demo, kubernetes, ssh, static",
        ),
        (("--nodes", "3"), "--nodes is about the simulated fleet: add --demo"),
    ],
)
@pytest.mark.parametrize("command", ["snapshot", ""])
def test_what_is_wrong_with_what_was_said_is_one_line_and_exit_status_2(
    tmp_path: Path, command: str, arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "kubeconfig").write_text(NOWHERE)
    (tmp_path / "text").write_text("this: is\n\tno: yaml")
    (tmp_path / "wrong.toml").write_text('[look]\nthem = "dark"\n')
    (tmp_path / "toml.toml").write_text("[look\n")
    (tmp_path / "demo.toml").write_text("[providers.demo]\npodz = 5\n")
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    if "--context" in given:
        given += ["--kubeconfig", str(tmp_path / "kubeconfig")]
    with started(*filter(None, [command]), *given, columns=250) as terminal:
        assert ended(terminal) == 2
        # The last thing that is given back is the pointer's shape, by an OSC of its own.
        said = re.sub(r"\x1b\][^\x07]*\x07", "", bytes(terminal.log).decode().split("\x1b[?1006l")[-1])
        lines = [line for line in said.splitlines() if line]
        assert [line for line in lines if line.startswith("quarterdeck: ")] == lines[-1:]
        assert told.format(tmp=tmp_path) in lines[-1]
        assert "Traceback" not in terminal.text


def test_a_wrong_option_is_told_by_its_name() -> None:
    for arguments in (("--nope",), ("demo", "--pods", "many"), ("demo", "--pods", "100001"), ("nope",)):
        shown = run(*arguments)
        assert shown.returncode == 2
        assert arguments[-1].lstrip("-") in shown.stderr
        assert "Traceback" not in shown.stderr


def test_doctor_says_what_is_reached_as_whom(tmp_path: Path) -> None:
    shown = run("doctor", *SMALL)
    assert shown.returncode == 0, shown.stdout
    assert "simulated: asked for" in shown.stdout
    assert "prod-eu" in shown.stdout
    path = tmp_path / "kubeconfig"
    path.write_text(NOWHERE)
    shown = run("doctor", "--kubeconfig", str(path))
    assert shown.returncode == 3
    assert "127.0.0.1:9 refuses connections" in shown.stdout
    assert "→ " in shown.stdout
    assert "secret" not in shown.stdout


def test_doctor_says_of_a_wrong_context_what_the_console_says(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(NOWHERE)
    shown = run("doctor", "--kubeconfig", str(path), "--context", "zzz")
    assert shown.returncode == 3
    assert "no context is called 'zzz'" in shown.stdout
    assert "contexts there: a" in shown.stdout


def test_config_prints_what_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[ssh]\nuser = "ops"\n[keys]\ncordon = "shift-c"\n')
    shown = run("config", "--config", str(path))
    assert shown.returncode == 0
    values = tomllib.loads(shown.stdout)
    assert values["ssh"]["user"] == "ops"
    assert values["look"]["theme"] == "quarterdeck"
    path.write_text(shown.stdout)
    assert run("config", "--config", str(path)).stdout == shown.stdout
    assert "cordon           shift-c " in run("config", "--keys", "--config", str(path)).stdout


def test_version_providers_and_audit() -> None:
    assert run("--version").stdout.strip() == f"quarterdeck, version {VERSION}"
    shown = run("providers")
    assert shown.returncode == 0
    heads = [line.split() for line in shown.stdout.splitlines() if not line.startswith(" ")]
    assert heads == [
        ["aws", "providers.aws.provider:provider"],
        ["demo", "providers.demo:provider"],
        ["kubernetes", "providers.kubernetes:provider"],
        ["ssh", "providers.ssh.provider:provider"],
        ["static", "providers.static.provider:provider"],
    ]
    assert "pods = 1200" in shown.stdout
    assert run("audit").returncode == 0


def test_what_was_done_is_in_the_audit_and_a_changed_line_is_found(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with started("demo", "--rate", "0", environment=state) as terminal:
        terminal.wait_for("Running", PATIENCE)
        terminal.send(":nodes\r")
        terminal.wait(lambda t: "c Cordon" in t.lines[-1], PATIENCE)
        terminal.send("jjc")
        terminal.wait_for("y Cordon", PATIENCE)
        terminal.send("y")
        terminal.wait(lambda t: "cordon: node" in t.text and "done" in t.text, PATIENCE)
        terminal.send("\x03")
        assert ended(terminal) == 0
    shown = run("audit", environment=state)
    assert shown.returncode == 0
    assert "cordon" in shown.stdout
    assert "done" in shown.stdout
    assert run("audit", "--verify", environment=state).returncode == 0
    (log,) = tmp_path.rglob("audit.jsonl")
    log.write_text(log.read_text().replace("cordon", "uncordon", 1))
    assert run("audit", "--verify", environment=state).returncode != 0


def test_the_engine_alone_says_what_it_is_for() -> None:
    shown = run("engine", "--help")
    assert shown.returncode == 0
    assert "--stdio" in shown.stdout
