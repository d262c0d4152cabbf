"""Long answers are taken in by a few threads at a time, and a cut one is said to be cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from providers.aws import receiving
from providers.aws.pages import READ, prepare
from providers.aws.receiving import Turns
from tests.aws.cloud import HOME, Cloud
from tests.aws.machinery import reservations
from tests.aws.rendered import page

BODY = page(reservations("eu-west-1", 3))


@contextmanager
def answering(*parts: bytes, chunked: bool = False) -> Iterator[str]:
    """A server that sends just that, once, and closes; b"" is a pause for ever."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(BODY)
                connection.sendall(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % length)
                for part in parts:
                    over.wait() if not part else connection.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def ask(cloud: Cloud, url: str, *, read_timeout: float = 5.0) -> object:
    from botocore.config import Config

    config = Config(read_timeout=read_timeout, retries={"total_max_attempts": 1})
    client = cloud._session(HOME).client("ec2", region_name="eu-west-1", endpoint_url=url, config=config)
    prepare(client)
    try:
        return client.describe_instances()[READ].objects
    finally:
        receiving.turns.give_back()
        client.close()


def test_a_body_is_read_whole_however_it_is_sent(cloud: Cloud) -> None:
    chunks = b"".join(b"%X\r\n%b\r\n" % (len(part), part) for part in (BODY[:999], BODY[999:])) + b"0\r\n\r\n"
    with answering(BODY) as plain, answering(chunks, chunked=True) as chunked:
        assert len(ask(cloud, plain)) == len(ask(cloud, chunked)) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [0, 1, 1000, len(BODY) - 1])
def test_a_body_that_is_cut_off_is_a_connection_that_was_closed(length: int, cloud: Cloud) -> None:
    with answering(BODY[:length] or b"\n") as url, pytest.raises(ConnectionClosedError):
        ask(cloud, url)


def test_a_body_that_stops_is_a_timeout(cloud: Cloud) -> None:
    with answering(BODY[:1000], b"") as url, pytest.raises(ReadTimeoutError):
        ask(cloud, url, read_timeout=0.1)


def test_no_more_than_so_many_take_their_turn() -> None:
    turns, inside, most, lock = Turns(2), 0, 0, threading.Lock()
    meeting = threading.Barrier(2)

    def work(_: int) -> None:
        nonlocal inside, most
        turns.take()
        with lock:
            inside += 1
            most = max(most, inside)
        meeting.wait(5)
        with lock:
            inside -= 1
        turns.give_back()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert most == 2


def test_one_that_hangs_in_its_turn_keeps_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_PATIENCE", 0.01)
    turns = Turns(1)
    turns.take()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(turns.take).result(5)
        threads.submit(turns.give_back).result(5)
    turns.give_back()
    turns.give_back()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(turns.take).result(5)
