"""Listeners that are no SSH servers, or bad ones: each takes connections on a loopback port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .parts import LOOPBACK

Behaviour = Callable[[socket.socket], None]


def silent(connection: socket.socket) -> None:
    """Takes the connection and says nothing until the other end goes."""
    while connection.recv(1 << 16):
        pass


def drops(connection: socket.socket) -> None:
    """Closes at once."""


def web(connection: socket.socket) -> None:
    """Answers as a web server does, to whatever."""
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.0 400 Bad Request\r\nServer: x\r\n\r\n")


def long_line(connection: socket.socket) -> None:
    """A megabyte of escapes in one line before any greeting."""
    connection.sendall(b"\x1b]0;owned\x07\x1b[2J" * 70_000)


def many_lines(connection: socket.socket) -> None:
    """Greets with lines and never with a version."""
    connection.sendall(b"\x1b[31mwelcome\r\n" * 70_000)


def leaves_in_the_middle(connection: socket.socket) -> None:
    """Greets as OpenSSH does, reads a little, and goes."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    connection.recv(16)


@contextmanager
def listening(behaviour: Behaviour) -> Iterator[int]:
    """Its port."""
    with socket.create_server((LOOPBACK, 0)) as server:
        threading.Thread(target=_serve, args=(server, behaviour), daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, behaviour: Behaviour) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            threading.Thread(target=_behave, args=(connection, behaviour), daemon=True).start()


def _behave(connection: socket.socket, behaviour: Behaviour) -> None:
    with connection, suppress(OSError):
        behaviour(connection)
