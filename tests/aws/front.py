"""A thin layer in front of moto: what moto lacks is answered here, what a network does is done here, and
everything else is moto's.
"""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

from tests.aws import rendered
from tests.aws.serving import say, serving

_SCOPE = re.compile(r"Credential=\w+/\d+/([\w-]+)/([\w-]+)/")
_ERROR = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>r</RequestID></Response>"
)
FILTER_VALUES = 200
"""What EC2 takes in one call."""

Fate = bytes | tuple[int, bytes] | Literal["hang", "close"] | None
"""A body, a status with a body, or what happens instead of an answer; None: moto answers."""
Script = Callable[["Asked"], Fate]


class Asked:
    """One request: to which service, in which region, what, with which parameters."""

    def __init__(self, region: str, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
        self.region, self.service, self.operation, self.parameters = region, service, operation, parameters

    def __repr__(self) -> str:
        return f"{self.service}:{self.operation} in {self.region}"


class Front:
    """`scripts` has, by operation, what is to happen; "*" is about every operation without one."""

    def __init__(self, target: str) -> None:
        self.target, self.url = target, ""
        self.scripts: dict[str, Script] = {}
        self.asked: list[Asked] = []
        self.fired: Counter[str] = Counter()
        """Operation → how often its script, instead of moto, had the word."""
        self.over = threading.Event()

    def count(self, operation: str) -> int:
        """How often that was asked."""
        return sum(asked.operation == operation for asked in self.asked)

    def fate(self, asked: Asked) -> Fate:
        """What happens to a request."""
        self.asked.append(asked)
        script = self.scripts.get(asked.operation) or self.scripts.get("*")
        fate = script(asked) if script else None
        if fate is not None:
            self.fired[asked.operation] += 1
        return fate

    def passed_on(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, str, bytes]:
        """moto's own answer."""
        skipped = ("content-length", "host", "connection")
        headers = {key: value for key, value in handler.headers.items() if key.lower() not in skipped}
        request = urllib.request.Request(
            self.target + handler.path, body or None, headers, method=handler.command
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers["Content-Type"], error.read()


# ---- fates -------------------------------------------------------------------------------------------


def error(code: str, status: int = 400, message: str = "it is so") -> Script:
    """That error, always, as the service that is asked words it."""

    def script(asked: Asked) -> Fate:
        if asked.service == "eks":
            return status, json.dumps({"__type": code, "message": message}).encode()
        return status, _ERROR.format(code=code, message=message).encode()

    return script


def denied(action: str) -> Script:
    """As EC2 says it."""
    return error("UnauthorizedOperation", 403, f"You are not authorized to perform: {action}")


throttled = error("RequestLimitExceeded", 503, "Request limit exceeded.")


def once(*fates: Fate | Script) -> Script:
    """One after the other, and then moto."""
    left = list(fates)

    def script(asked: Asked) -> Fate:
        fate = left.pop(0) if left else None
        return fate(asked) if callable(fate) else fate

    return script


def only(region: str, script: Script) -> Script:
    """In that region only."""
    return lambda asked: script(asked) if asked.region == region else None


def always(fate: Fate) -> Script:
    return lambda asked: fate


def statuses(**described: Mapping[str, Any]) -> Script:
    """Of these instances (by id, with _ for -) these statuses; moto knows of none that is not well."""
    held = [{"InstanceId": uid.replace("_", "-"), **each} for uid, each in described.items()]
    body = rendered.answer("DescribeInstanceStatus", {"InstanceStatuses": held})
    return always(body)


class Pages:
    """DescribeInstances from lists that a test changes, so many a page."""

    def __init__(self, reservations: list[dict[str, Any]], size: int = 1000) -> None:
        self.reservations, self.size = reservations, size
        self.fails_at: int | None = None
        """The page, from 0, that fails with an expired token."""

    def __call__(self, asked: Asked) -> Fate:
        wanted = {value for name, value in asked.parameters.items() if name.startswith("Filter.1.Value.")}
        if len(wanted) > FILTER_VALUES:
            told = f"The maximum number of filter values specified on a single call is {FILTER_VALUES}"
            return error("FilterLimitExceeded", 400, told)(asked)
        start = int(asked.parameters.get("NextToken", "0"))
        if start // self.size == self.fails_at:
            return error("InvalidParameterValue", 400, "The pagination token has expired")(asked)
        held = [
            each for each in self.reservations if not wanted or each["Instances"][0]["InstanceId"] in wanted
        ]
        more = str(start + self.size) if start + self.size < len(held) else ""
        return rendered.page(held[start : start + self.size], more)


# ---- the server --------------------------------------------------------------------------------------


def _operation(handler: BaseHTTPRequestHandler, body: bytes) -> Asked:
    scope = _SCOPE.search(handler.headers.get("Authorization", ""))
    region, service = (scope[1], scope[2]) if scope else ("", "")
    target = handler.headers.get("X-Amz-Target", "").rpartition(".")[2]
    in_json = target and body[:1] == b"{"
    parameters = json.loads(body) if in_json else dict(urllib.parse.parse_qsl(body.decode(errors="replace")))
    operation = parameters.get("Action") or target or _rest(handler.path.partition("?")[0])
    return Asked(region, service, operation, parameters)


def _rest(path: str) -> str:
    """EKS says by its paths what is asked."""
    parts = path.strip("/").split("/")
    names = {1: "ListClusters", 2: "DescribeCluster", 3: "ListNodegroups", 4: "DescribeNodegroup"}
    return names.get(len(parts), path)


@contextmanager
def before(target: str) -> Iterator[Front]:
    """A front before that URL, in threads."""
    front = Front(target)

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        match front.fate(_operation(handler, body)):
            case "hang":
                front.over.wait()
                handler.close_connection = True
            case "close":
                handler.close_connection = True
            case None:
                with suppress(OSError):  # nobody waits for it any more
                    status, kind, content = front.passed_on(handler, body)
                    say(handler, status, content, kind or "text/xml")
            case (int(status), content):
                say(handler, status, content)
            case content:
                say(handler, 200, content)

    with serving(answer) as front.url:
        try:
            yield front
        finally:
            front.over.set()
