"""The figures of EC2: 5,000 instances over four accounts and five regions, one pair hanging, one throttled.

Pages are rendered beforehand and served by a process of its own, so what is measured is the engine: the real
roster, feeds and outbox, with what they send encoded and thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

PROFILES = ("one", "two", "three", "four")
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1")
INSTANCES = 250
"""In each pair of a profile and a region."""
HANGING, THROTTLED = ("four", "us-west-2"), ("four", "ap-south-1")
_SCOPE = re.compile(rb"Credential=(\w+)/\d+/([\w-]+)/(\w+)/")


def report() -> None:
    """Measure and print."""
    print(f"\nEC2: {len(PROFILES)} accounts × {len(REGIONS)} regions × {INSTANCES} instances")
    for row, figure in figures().items():
        print(f"{row:<44}{figure:>24}", flush=True)


def figures() -> dict[str, str]:
    """What is measured, in words."""
    with _served() as url, tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "tests.bench.cloud", "--measure", url]
        ran = subprocess.run(
            command, env=_environment(url, Path(home)), check=True, capture_output=True, text=True
        )
        found: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
        return found


# ---- the cloud ---------------------------------------------------------------------------------------


class Cloud:
    """Answers from pages that are ready. Generation 1 of them differs from generation 0 in every instance."""

    def __init__(self) -> None:
        from tests.aws.machinery import reservations
        from tests.aws.rendered import answer, page

        self.generation = 0
        self.first: float | None = None
        """When the first page of instances was on its way (monotonic)."""
        self._pages = {
            (region, generation): _in_chunks(page(reservations(region, INSTANCES, generation=generation)))
            for region in REGIONS
            for generation in (0, 1)
        }
        self._others = {
            "DescribeInstanceStatus": {
                region: answer("DescribeInstanceStatus", {"InstanceStatuses": _statuses(region)})
                for region in REGIONS
            },
            "DescribeVolumes": {
                region: answer("DescribeVolumes", {"Volumes": _volumes(region)}) for region in REGIONS
            },
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(found[1])) if found else b""
                status, kind, answer = await self._answer(head, body)
                length = b"Content-Length: %d" % len(answer)
                if answer.startswith(_CHUNK):
                    length = b"Transfer-Encoding: chunked"
                writer.write(b"HTTP/1.1 %d X\r\nContent-Type: %b\r\n%b\r\n\r\n" % (status, kind, length))
                writer.write(answer)
                await writer.drain()
                del answer
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, head: bytes, body: bytes) -> tuple[int, bytes, bytes]:
        path = head.split(b" ", 2)[1].decode()
        if path.startswith("/bench/"):
            return 200, b"application/json", self._told(path.removeprefix("/bench/"))
        scope = _SCOPE.search(head)
        assert scope, head
        profile, region, service = (part.decode() for part in scope.groups())
        if service == "eks":
            return 200, b"application/json", b'{"clusters": []}'
        operation = parse_qs(body.decode())["Action"][0]
        if operation.startswith("Describe"):
            if (profile, region) == HANGING:
                await asyncio.Event().wait()
            if (profile, region) == THROTTLED:
                return 503, b"text/xml", _THROTTLED
        return 200, b"text/xml", self._described(operation, profile, region)

    def _described(self, operation: str, profile: str, region: str) -> bytes:
        if operation == "DescribeInstances":
            self.first = self.first or time.monotonic()
            return self._pages[region, self.generation]
        if operation in self._others:
            return self._others[operation][region]
        return _REST[operation] % {b"account": b"%012d" % (PROFILES.index(profile) + 1)}

    def _told(self, what: str) -> bytes:
        if what.startswith("generation"):
            self.generation = int(what[-1])
        return json.dumps(self.first).encode()


_CHUNK = b"2000\r\n"


def _in_chunks(body: bytes) -> bytes:
    """As EC2 sends what is long."""
    size = int(_CHUNK, 16)
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    return b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def _statuses(region: str) -> list[dict[str, Any]]:
    from tests.aws.machinery import uid_of

    passed = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    checks = {"SystemStatus": passed, "InstanceStatus": passed}
    state = {"InstanceState": {"Code": 16, "Name": "running"}, "AvailabilityZone": f"{region}a"}
    return [{"InstanceId": uid_of(region, number), **state, **checks} for number in range(INSTANCES)]


def _volumes(region: str) -> list[dict[str, Any]]:
    from tests.aws.machinery import uid_of

    return [
        {
            "VolumeId": f"vol-{number:016x}{letter}",
            "Size": 100,
            "State": "in-use",
            "VolumeType": "gp3",
            "Iops": 3000,
            "AvailabilityZone": f"{region}a",
            "Attachments": [{"InstanceId": uid_of(region, number), "Device": f"/dev/xvd{letter}"}],
        }
        for number in range(INSTANCES)
        for letter in "ab"
    ]


_THROTTLED = (
    b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>"
    b"</Error></Errors><RequestID>r</RequestID></Response>"
)
_REST = {
    "GetCallerIdentity": b"<GetCallerIdentityResponse><GetCallerIdentityResult><UserId>u</UserId>"
    b"<Account>%(account)b</Account><Arn>arn:aws:iam::%(account)b:user/bench</Arn></GetCallerIdentityResult>"
    b"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
    "ListAccountAliases": b"<ListAccountAliasesResponse><ListAccountAliasesResult><AccountAliases/>"
    b"</ListAccountAliasesResult></ListAccountAliasesResponse>",
    "DescribeAutoScalingGroups": b"<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult>"
    b"<AutoScalingGroups/></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>",
    "DescribeAutoScalingInstances": b"<DescribeAutoScalingInstancesResponse>"
    b"<DescribeAutoScalingInstancesResult><AutoScalingInstances/></DescribeAutoScalingInstancesResult>"
    b"</DescribeAutoScalingInstancesResponse>",
}


async def _serve() -> None:
    cloud = Cloud()
    server = await asyncio.start_server(cloud.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def _served() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.cloud", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.kill()


def _environment(url: str, home: Path) -> dict[str, str]:
    config = home / "config"
    config.write_text(
        "".join(
            f"[profile {name}]\naws_access_key_id = {name}\naws_secret_access_key = s\n" for name in PROFILES
        )
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **clean,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


# ---- the engine --------------------------------------------------------------------------------------


class Loop:
    """How long the event loop was away, at most, since the last question."""

    def __init__(self) -> None:
        self._worst = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.002)
            self._worst = max(self._worst, time.monotonic() - before - 0.002)

    def worst(self) -> float:
        """Seconds; from now on anew."""
        worst, self._worst = self._worst, 0.0
        return worst

    def stop(self) -> None:
        self._task.cancel()


class Engine:
    """The engine's own parts, but for the pipe."""

    def __init__(self) -> None:
        from providers.contract import Host
        from providers.engine.outbox import Outbox
        from providers.engine.roster import Roster
        from providers.engine.watchers import Watchers
        from providers.registry import load

        self.first: float | None = None
        """When the first instance was on its way to the console (monotonic)."""
        self.told = 0
        """Instances that were."""
        self._outbox = Outbox()
        self.roster = Roster(self._outbox, Watchers(), load, Host())
        self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        import msgspec

        from providers.model import Instance, Upserts

        encode = msgspec.msgpack.Encoder().encode
        while True:
            await self._outbox.wait()
            for frame in self._outbox.take():
                encode(frame)
                if isinstance(frame.body, Upserts):
                    count = sum(isinstance(each, Instance) for each in frame.body.objects)
                    self.told += count
                    if count and self.first is None:
                        self.first = time.monotonic()
            await asyncio.sleep(0)

    def polls(self) -> list[Any]:
        """Of the instances of every pair that answers."""
        names = {f"aws-{profile}-{region}" for profile, region in (HANGING, THROTTLED)}
        healthy = (source for name, source in self.roster.items() if name not in names)
        return [life._polls["instance"] for source in healthy for life in source._lives]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        self._task.cancel()
        await self.roster.close()


async def _measure(url: str) -> dict[str, str]:
    from providers.engine.__main__ import _SETTLED, _settle
    from providers.stream import ProviderChoice

    engine, loop = Engine(), Loop()
    asyncio.get_running_loop().call_later(_SETTLED, _settle)
    await asyncio.sleep(0.3)
    before, cpu = _resident(), time.process_time()
    loop.worst()
    choice = {"profiles": list(PROFILES), "regions": list(REGIONS), "calls_per_minute": 6000}
    engine.roster.open(ProviderChoice("aws", choice))
    pairs = len(PROFILES) * len(REGIONS) - 2
    await _until(lambda: len(engine.polls()) == pairs and all(poll.whole for poll in engine.polls()))
    found = {"loading: CPU": f"{time.process_time() - cpu:.2f} s", "loading: loop held": _ms(loop.worst())}
    answered = float(_asked(url, "first"))
    found["first region answered → first rows"] = f"{(engine.first or 0) - answered:.2f} s"
    await asyncio.sleep(3)
    loop.worst()
    found["a poll, nothing changed: CPU"] = await _poll(engine)
    found["a poll, nothing changed: loop held"] = _ms(loop.worst())
    _asked(url, "generation1")
    told = engine.told
    found["a poll, everything changed: CPU"] = await _poll(engine)
    found["a poll, everything changed: loop held"] = _ms(loop.worst())
    assert engine.told - told == pairs * INSTANCES, (engine.told, told)
    found["memory above the engine without it"] = f"{(_resident() - before) / 1e6:.0f} MB"
    found["of it at the worst moment"] = f"{(_peak() - before) / 1e6:.0f} MB"
    loop.stop()
    await engine.stop()
    return found


async def _poll(engine: Engine) -> str:
    polls, heard = engine.polls(), asyncio.get_running_loop().time()
    cpu = time.process_time()
    for poll in polls:
        poll.now()
    await _until(lambda: all(poll._heard > heard for poll in polls))
    await asyncio.sleep(0.1)
    return f"{time.process_time() - cpu:.2f} s"


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def _asked(url: str, what: str) -> str:
    with urllib.request.urlopen(f"{url}/bench/{what}") as answer:
        return str(answer.read().decode())


def _resident() -> int:
    import psutil

    gc.collect()
    return int(psutil.Process().memory_info().rss)


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms"


def main() -> int:
    """Print the figures; the other two ways are for its own processes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cloud", description=__doc__)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--measure", metavar="URL")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve())
    elif options.measure:
        gc.disable()
        print(json.dumps(asyncio.run(_measure(options.measure))))
    else:
        report()
    return 0


if __name__ == "__main__":
    sys.exit(main())
