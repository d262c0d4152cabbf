"""A person looks around in a real cluster: rows arrive, are filtered, sorted, drilled into, and stay put."""

from __future__ import annotations

from pathlib import Path

from . import stage
from .cluster import Lab
from .person import ESC, ESCAPE, Person


def _count(lab: Lab, *what: str) -> int:
    return len(lab.kubectl("get", *what, "--no-headers").splitlines())


def test_a_look_around_and_back_again(lab: Lab, tmp_path: Path) -> None:
    with Person(tmp_path, "--kubeconfig", str(lab.kubeconfig()), "--context", "lab") as me:
        me.open()
        me.until(lambda: me.count("Pods") == _count(lab, "pods", "-A"))
        me.until(lambda: me.count("Nodes") == _count(lab, "nodes"))
        me.until(lambda: "as admin" in me.header and "read-only" not in me.header)

        me.filter("ns:shop")
        me.until(lambda: me.names() == stage.names(lab, "-n", "shop"))
        me.send("N")
        me.until(lambda: "NAME ▴" in me.pane("Pods")[1])
        me.send("j")
        second = stage.names(lab, "-n", "shop")[1]
        me.until(lambda: me.under() == second)

        me.nodes("zone:eu-west-1b")
        me.send("Nj")
        me.until(lambda: "NAME ▴" in me.pane("Nodes")[1] and me.under("Nodes") == me.names("Nodes")[1])
        node = me.under("Nodes")
        me.send("\r")
        me.until(lambda: f"node {node}" in me.title("Pods"))
        me.until(lambda: "Pods" in me.title("Pods") and "/ns:shop" in me.title("Pods"))
        me.send(ESC)  # the filter goes first, then the place
        me.until(lambda: "/ns:shop" not in me.title("Pods"))
        on_it = stage.names(lab, "-A", "--field-selector", f"spec.nodeName={node}")
        me.until(lambda: sorted(me.names()) == sorted(on_it))

        me.send(ESC)
        me.until(lambda: f"node {node}" not in me.title("Pods"))
        assert me.under("Nodes") == node
        assert "/zone:eu-west-1b" in me.title("Nodes")
        assert "NAME ▴" in me.pane("Nodes")[1]
        assert "/ns:shop" in me.title("Pods")
        assert "NAME ▴" in me.pane("Pods")[1]
        assert me.under() == second
        assert me.leave() == 0


def test_leaving_twice_leaves_once(lab: Lab, tmp_path: Path) -> None:
    with Person(tmp_path, "--kubeconfig", str(lab.kubeconfig()), "--context", "lab") as me:
        me.open()
        me.filter("ns:shop")
        me.until(lambda: bool(me.names()))
        for key, title in (("y", "apiVersion: v1"), ("?", " Help "), ("m", " Messages ")):
            me.send(key)
            me.see(title)
            me.send(f"{ESCAPE}q{ESCAPE}")
            me.see_not(title)
            me.until(lambda: me.count("Pods") > 0)
        assert me.leave() == 0
