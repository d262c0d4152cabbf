"""A person's forward in a real cluster: connections that end leave nothing, and a rollout does not end it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from . import stage
from .cluster import Lab
from .person import ESC, Person

LEFT = 100
"""Connections: more than there may be shells."""


@contextmanager
def listening(lab: Lab) -> Iterator[None]:
    """In every pod something answers a line with itself, and never closes first."""

    def serve(caller: socket.socket) -> None:
        with caller:
            while data := caller.recv(1 << 16):
                caller.sendall(data)

    def accept() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(caller,), daemon=True).start()

    with socket.create_server(("127.0.0.1", lab.inside)) as server:
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            accepting.join()


def echoed(me: Person, port: int) -> bool:
    """Whether a line comes back, over a connection that is closed then."""
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(b"hello")
        caller.settimeout(0.02)
        said = b""
        while said != b"hello":
            me.read()
            try:
                piece = caller.recv(10)
            except TimeoutError:
                continue
            if not piece:
                return False
            said += piece
    return True


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no table of connections here")
def test_connections_that_end_leave_nothing_and_a_rollout_does_not_end_it(lab: Lab, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    person = Person(tmp_path, "--kubeconfig", str(lab.kubeconfig(user="admin")), "--context", "lab")
    with listening(lab), stage.deployment(lab, "web", 2), person as me:
        me.open()
        me.filter(f"ns:{stage.PLACE}")
        me.until(lambda: len(me.names()) == 2)
        before = me.names()
        me.send("F")
        me.see("port, or local:port")
        me.send(f"{port}:8080\r")
        me.see("port 8080 of deployment web")
        for _ in range(LEFT):
            assert echoed(me, port)
        me.command("pf")
        me.see(f"0 connected, {LEFT} so far")
        me.send(ESC)
        lab.kubectl("rollout", "restart", "-n", stage.PLACE, "deployment/web")
        lab.kubectl("rollout", "status", "-n", stage.PLACE, "deployment/web", "--timeout=60s", timeout=70)
        me.until(lambda: len(me.names()) == 2 and not set(me.names()) & set(before))
        assert echoed(me, port)
