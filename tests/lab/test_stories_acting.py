"""A person changes things in a real cluster, and kubectl sees it: cordon, restart, a pod that is another."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from . import stage
from .cluster import Lab
from .person import ESC, Person


def _at(lab: Lab, home: Path, user: str = "admin") -> Person:
    return Person(home, "--kubeconfig", str(lab.kubeconfig(user=user)), "--context", "lab")


def _audit(home: Path) -> list[dict[str, str]]:
    """What the console's own audit log says was done."""
    (path,) = home.rglob("audit.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_cursor_is_not_on_another_pod_without_a_word(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "one", "two", "three"), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["one", "three", "two"])
        me.send("j")
        me.until(lambda: me.under() == "three")

        stage.delete(lab, "three")
        me.see("three is gone")
        me.until(lambda: me.under() == "two")
        me.send("r")  # was meant for the one that is gone
        me.see("three is gone: the cursor is on two now")
        me.send("r")  # is meant for the one that is there
        me.see("Delete pod two in lab")
        me.send(ESC)
        me.see_not("Delete pod two in lab")
        assert me.leave() == 0
        assert stage.uid(lab, "two")


def test_a_plan_is_for_one_pod_and_not_for_its_successor_of_the_same_name(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "one", "same", "two"), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.names() == ["one", "same", "two"])
        me.send("j")
        me.until(lambda: me.under() == "same")
        me.send("r")
        me.see("Delete pod same in lab, namespace stories as admin", "nothing brings it back", "Type same")

        stage.delete(lab, "same")
        stage.create(lab, "same")
        successor = stage.running(lab, "same")
        me.send("same\r")
        me.see("restart: pod same")
        me.until(lambda: "failed" in me.text or "refused" in me.text)
        assert stage.uid(lab, "same") == successor
        (*_, last) = _audit(tmp_path)
        assert "done" not in json.dumps(last)
        assert me.leave() == 0


def test_a_bare_pod_is_deleted_only_when_its_name_is_typed(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "alone"), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: me.under() == "alone")
        me.send("r")
        me.see("Delete pod alone", "deleted: nothing owns it, so nothing brings it back", "Type alone")
        me.send("y\r")
        me.see("that is not alone")
        assert stage.uid(lab, "alone")
        me.send("\x7falone\r")
        me.see("restart: pod alone done")
        assert not stage.uid(lab, "alone")
        me.until(lambda: "alone" not in me.names())
        assert me.leave() == 0


def test_a_rolling_restart_by_key_and_by_kubectl_is_seen_live(lab: Lab, tmp_path: Path) -> None:
    stamp = "jsonpath={.spec.template.metadata.annotations.kubectl\\.kubernetes\\.io/restartedAt}"

    def stamped() -> str:
        return lab.kubectl("get", "deployment", "rolls", "-n", stage.PLACE, "-o", stamp)

    with stage.deployment(lab, "rolls", 3), _at(lab, tmp_path) as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        first = stage.names(lab, "-n", stage.PLACE)
        me.until(lambda: me.names() == first)
        me.send("r")
        me.see("Restart deployment rolls in lab, namespace stories as admin", "its 3 pods are replaced")
        me.send("y")
        me.see("restart: deployment rolls done")
        assert stamped()
        me.until(lambda: len(me.names()) == 3 and not set(me.names()) & set(first))

        second = me.names()
        lab.kubectl("rollout", "restart", "-n", stage.PLACE, "deployment/rolls")
        me.until(lambda: len(me.names()) == 3 and not set(me.names()) & set(second))
        lab.kubectl("rollout", "status", "-n", stage.PLACE, "deployment/rolls", "--timeout=60s", timeout=70)
        me.until(lambda: me.names() == stage.names(lab, "-n", stage.PLACE))
        assert me.leave() == 0


def test_one_node_is_cordoned_and_uncordoned(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path) as me:
        me.open()
        me.nodes("/0-3$/")
        me.until(lambda: me.names("Nodes") == ["ip-10-12-0-3"])
        me.send("c")
        me.see("Cordon node ip-10-12-0-3 in lab as admin")
        assert not stage.cordoned(lab)
        me.send("y")
        me.see("cordon: node ip-10-12-0-3 done")
        assert stage.cordoned(lab) == {"ip-10-12-0-3"}
        me.until(lambda: "cordoned" in me.row("ip-10-12-0-3", "Nodes"))
        me.see("c Cordon (no: already cordoned)")
        me.send("u")
        me.see("Uncordon node ip-10-12-0-3 in lab as admin")
        me.send("y")
        me.see("uncordon: node ip-10-12-0-3 done")
        assert not stage.cordoned(lab)

        lab.kubectl("cordon", "ip-10-12-0-3")
        me.until(lambda: "cordoned" in me.row("ip-10-12-0-3", "Nodes"))
        lab.kubectl("uncordon", "ip-10-12-0-3")
        me.until(lambda: "cordoned" not in me.row("ip-10-12-0-3", "Nodes"))
        assert me.leave() == 0
    said = [(line.get("phase") or line.get("state"), line["action"]) for line in _audit(tmp_path)]
    assert [action for _, action in said] == ["cordon", "cordon", "uncordon", "uncordon"]


def test_marked_nodes_are_cordoned_together(lab: Lab, tmp_path: Path) -> None:
    wanted = ["ip-10-12-0-4", "ip-10-12-0-5", "ip-10-12-0-6"]
    with _at(lab, tmp_path) as me:
        me.open()
        me.nodes("/0-[4-7]$/")
        me.until(lambda: me.names("Nodes") == [*wanted, "ip-10-12-0-7"])
        me.send("   ")
        me.see("3 marked")
        me.send("c")
        me.see("Cordon 3 nodes in lab as admin", *(f"node {name}" for name in wanted))
        me.send("y")
        me.see("cordon: 3 done")
        assert stage.cordoned(lab) == set(wanted)
        me.send("u")
        me.see("Uncordon 3 nodes in lab as admin")
        me.send("y")
        me.see("uncordon: 3 done")
        assert not stage.cordoned(lab)
        assert me.leave() == 0


def test_a_viewer_is_refused_with_the_reason(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path, "viewer") as me:
        me.open()
        me.nodes("/0-3$/")
        me.until(lambda: me.names("Nodes") == ["ip-10-12-0-3"])
        me.send("c")
        me.see("Cordon: nothing can be done", "node ip-10-12-0-3", "viewer may not patch nodes")
        me.send("y")
        me.send(ESC)
        me.see_not("nothing can be done")
        assert me.leave() == 0
    assert not stage.cordoned(lab)


def test_who_sees_pods_only_is_told_why_there_are_no_nodes(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path, "pods-only") as me:
        pods = len(lab.kubectl("get", "pods", "-A", "--no-headers").splitlines())
        me.until(lambda: me.count("Pods") == pods)
        me.see('cannot watch resource "nodes"', "ask for the")
        me.until(lambda: "denied" in me.header)
        me.until(lambda: "denied" in me.row("lab", "Sources"))
        assert me.leave() == 0


def test_nobody_is_told_so(lab: Lab, tmp_path: Path) -> None:
    with _at(lab, tmp_path, "nobody") as me:
        me.see('cannot watch resource "nodes"', 'cannot watch resource "pods"', "as nobody")
        me.until(lambda: "denied" in me.header)
        assert me.leave() == 0


def test_one_namespace_is_enough_for_who_has_no_more(lab: Lab, tmp_path: Path) -> None:
    config = lab.kubeconfig(user="ns-only")
    with Person(tmp_path, "--kubeconfig", str(config), "--context", "lab", "-n", "shop") as me:
        me.until(lambda: sorted(me.names()) == sorted(stage.names(lab, "-n", "shop")))
        with pytest.raises(subprocess.CalledProcessError):
            lab.kubectl("get", "pods", "-A", user="ns-only")
        assert me.leave() == 0
