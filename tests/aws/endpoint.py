"""An endpoint that answers as it is told, wrongly if need be."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WHO = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn>"
    "<UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
NOTHING = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"


@dataclass
class Reply:
    """What is answered; a status of 0 closes the connection without a word."""

    status: int = 200
    body: str = ""
    type: str = "text/xml"
    ahead: float = 0.0
    """Seconds that its clock is ahead."""


@dataclass
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: str


Answering = Callable[[Request], Reply]


@dataclass
class Endpoint:
    url: str
    requests: list[Request] = field(default_factory=list)


def refusal(code: str, message: str = "no", status: int = 403, ahead: float = 0.0) -> Reply:
    """An error as EC2 words it."""
    words = f"<Code>{code}</Code><Message>{message}</Message>"
    return Reply(status, f"<Response><Errors><Error>{words}</Error></Errors></Response>", ahead=ahead)


def refusal_of_sts(code: str, message: str = "no", status: int = 403) -> Reply:
    """An error as the security token service words it."""
    words = f"<Code>{code}</Code><Message>{message}</Message>"
    return Reply(status, f"<ErrorResponse><Error><Type>Sender</Type>{words}</Error></ErrorResponse>")


@contextmanager
def answering(answer: Answering) -> Iterator[Endpoint]:
    """Serve on loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length).decode())
            endpoint.requests.append(request)
            reply = answer(request)
            if not reply.status:
                return
            body = reply.body.encode()
            self.send_response_only(reply.status)
            self.send_header("Date", formatdate(time.time() + reply.ahead, usegmt=True))
            self.send_header("Content-Type", reply.type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
