"""Shells, logs, ports, files and debug pods through the real API server."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from console.link import Link, connect
from providers.contract import Host, Problem, Refused
from providers.kubernetes.channels import V4, V5, dial
from providers.kubernetes.client import Client
from providers.kubernetes.exec import Execution
from providers.kubernetes.leftovers import LABELS, labels
from providers.kubernetes.provider import Kubernetes, Options
from providers.kubernetes.sessions import Cluster
from providers.model import Ref, Target
from providers.sessions import Debugs, Ending, Executes, Forwards, Logs, Session, Size
from providers.shell import SHELL
from providers.stream import Closed, Frame, Hello, Input, Open, Output, ProviderChoice
from providers.ways import Where, discover

from . import stage
from .cluster import Lab
from .simulator import NO_SHELL, STILL, TALKS
from .test_kubernetes_actions import got, target_of
from .test_read_only import Hostile, written

PLACE = stage.PLACE
SIZE = Size(91, 23)
PATIENCE = 15.0


class Names(dict[tuple[str, str], tuple[str, str]]):
    """Every pod and node of the moment."""

    def __init__(self, lab: Lab) -> None:
        for kind, *arguments in (("node", "nodes"), ("pod", "pods", "-A")):
            for item in got(lab, *arguments)["items"]:
                meta = item["metadata"]
                self[kind, meta["uid"]] = (meta.get("namespace", ""), meta["name"])

    def ref(self, kind: str, name: str) -> Ref:
        return next(
            Ref("lab", kind, uid) for (k, uid), place in self.items() if (k, place[1]) == (kind, name)
        )


@asynccontextmanager
async def cluster(lab: Lab, user: str = "admin", **options: str) -> AsyncIterator[tuple[Cluster, Names]]:
    """The provider's own source, which knows what there is at this moment."""
    names = Names(lab)
    chosen = Options(kubeconfig=str(lab.kubeconfig(user=user)), **options)
    (source,) = await Kubernetes().sources(chosen, Host(read_only=user == "certificate"))
    assert isinstance(source, Cluster)
    source._find = lambda ref: names.get((ref.kind, ref.uid))
    try:
        yield source, names
    finally:
        await source.close()


async def hear(session: Session, words: bytes | None = None) -> bytes:
    """What it says, up to those words or to its end."""
    said = b""
    async with asyncio.timeout(PATIENCE):
        while piece := await session.read():
            said += piece
            if words is not None and words in said:
                return said
    assert words is None, f"it ended without {words!r}: {said!r}, {await session.ended()}"
    return said


async def over(session: Session) -> tuple[bytes, Ending]:
    said = await hear(session)
    ending = await session.ended()
    await session.close()
    return said, ending


# ---- exec --------------------------------------------------------------------------------------------


async def test_a_shell_has_a_terminal_of_the_right_size_and_a_dialect(lab: Lab) -> None:
    with stage.pods(lab, "one"):
        async with cluster(lab) as (source, names):
            ref = names.ref("pod", "one")
            assert isinstance(source, Executes)
            assert isinstance(source, Logs)
            assert isinstance(source, Forwards)
            assert isinstance(source, Debugs)
            (container,) = await source.containers(ref)
            assert (container.name, container.state, container.role) == ("one", "running", "container")
            shell = await source.execute(ref, "", SHELL, SIZE)
            assert shell.sent.startswith(f"exec {PLACE}/one -c one -- /bin/sh -c ")
            await shell.write(b"stty size; echo $TERM-$LAB\n")
            said = await hear(shell, b"xterm-256color-yes")
            assert b"23 91" in said
            shell.resize(Size(40, 10))
            await shell.write(b"while [ \"$(stty size)\" != '10 40' ]; do :; done; echo res''ized\n")
            await hear(shell, b"resized")
            await shell.write(b"exit\n")  # kwok loses what is said just before the end
            assert (await over(shell))[1] == Ending(0)


@pytest.mark.parametrize("protocol", [V5, V4])
async def test_both_protocols_carry_output_apart_from_complaints(lab: Lab, protocol: str) -> None:
    with stage.pods(lab, "one"):
        client = Client(target_of(lab, "admin"))
        try:
            command = ("sh", "-c", "read line; echo got $line; echo sorry >&2")
            options = [("container", "one"), *(("command", word) for word in command)]
            options += [("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
            path = f"/api/v1/namespaces/{PLACE}/pods/one/exec"
            channels = await dial(client, path, options, (protocol,))
            assert channels.halves == (protocol == V5)
            execution = Execution(channels, "", terminal=False)
            await execution.write(b"it\n")
            assert await over(execution) == (b"got it\n", Ending(0, "sorry"))
        finally:
            await client.close()


async def test_much_output_comes_whole_and_waits_for_its_reader(lab: Lab) -> None:
    size = 64 << 20
    with stage.pods(lab, "one"):
        async with cluster(lab) as (source, names):
            flood = await source.execute(
                names.ref("pod", "one"), "one", ("head", "-c", str(size), "/dev/zero"), None
            )
            heard = len(await flood.read())
            await asyncio.sleep(0)
            while piece := await flood.read():
                heard += len(piece)
            assert (heard, await flood.ended()) == (size, Ending(0))
            await flood.close()


async def test_what_cannot_be_entered_says_why(lab: Lab) -> None:
    with stage.pods(lab, NO_SHELL, "goes"):
        async with cluster(lab) as (source, names):
            said, ending = await over(await source.execute(names.ref("pod", NO_SHELL), "", SHELL, SIZE))
            assert (said, ending.status) == (b"", None)
            assert ending.detail == "the container has no /bin/sh"
            assert "debug" in ending.remedy
            with pytest.raises(Refused, match="has no container nope"):
                await source.execute(names.ref("pod", "goes"), "nope", SHELL, SIZE)
            stage.delete(lab, "goes")
            with pytest.raises(Refused, match=f"pod {PLACE}/goes is gone"):
                await source.execute(names.ref("pod", "goes"), "", SHELL, SIZE)
            stage.create(lab, "goes")
            with pytest.raises(Refused, match="is another one of the same name by now"):
                await source.execute(names.ref("pod", "goes"), "", SHELL, SIZE)


@pytest.mark.parametrize(
    ("pod", "why"),
    [
        ("oom", r"container main of pod odd/oom has ended \(OOMKilled, exit status 137\)"),
        ("crash-loop", r"is waiting \(CrashLoopBackOff"),
        ("image-pull", r"is waiting \(ImagePullBackOff"),
        ("bound-no-status", r"does not run \(the pod is Pending\)"),
        ("evicted", r"does not run \(the pod is Evicted\)"),
    ],
)
async def test_a_container_that_does_not_run_is_refused_with_its_reason(lab: Lab, pod: str, why: str) -> None:
    async with cluster(lab) as (source, names):
        for open_it in (
            source.execute(names.ref("pod", pod), "", SHELL, SIZE),
            source.attach(names.ref("pod", pod), "", SIZE),
        ):
            with pytest.raises(Refused, match=why) as refused:
                await open_it
            assert refused.value.remedy


@pytest.mark.parametrize(
    ("pod", "remedy"),
    [
        ("image-pull", "look at the pod's events"),
        ("bound-no-status", "look at the pod's events"),
        ("crash-loop", "look at its logs, and at those of its previous run"),
        ("oom", "look at its logs"),
    ],
)
async def test_what_never_ran_has_events_and_no_logs(lab: Lab, pod: str, remedy: str) -> None:
    async with cluster(lab) as (source, names):
        first, *_ = await source.containers(names.ref("pod", pod))
        assert first.remedy == remedy


async def test_the_parts_of_a_pod_are_told_apart(lab: Lab) -> None:
    async with cluster(lab) as (source, names):
        found = await source.containers(names.ref("pod", "sidecar-ready"))
        assert [(each.name, each.role, each.state) for each in found] == [
            ("main", "container", "running"),
            ("mesh", "sidecar", "running"),
            ("one", "init", "terminated"),
        ]
        assert found[2].reason == "Completed, exit status 0"


@pytest.mark.parametrize(
    ("user", "what", "denied"),
    [
        ("viewer", "exec", f"viewer may not create pods/exec one in namespace {PLACE}"),
        ("viewer", "logs", ""),
        ("pods-only", "logs", f"pods-only may not get pods/log one in namespace {PLACE}"),
        ("viewer", "debug", "viewer may not create pods in namespace default, nor delete pods"),
        ("nobody", "forward", f"nobody may not get pods/portforward one in namespace {PLACE}"),
        ("admin", "debug", ""),
    ],
)  # fmt: skip
async def test_what_may_not_be_done_is_said_beforehand(lab: Lab, user: str, what: str, denied: str) -> None:
    with stage.pods(lab, "one"):
        async with cluster(lab, user) as (source, names):
            ref = names.ref("node", "ip-10-12-0-1") if what == "debug" else names.ref("pod", "one")
            said = await source.may(ref, what)  # type: ignore[arg-type]
            assert said.startswith(denied) if denied else said == ""


async def test_the_server_refuses_who_may_not(lab: Lab) -> None:
    with stage.pods(lab, "one"):
        for user in ("viewer", "pods-only"):  # the one may get pods/exec, the other may not even that
            async with cluster(lab, user) as (source, names):
                with pytest.raises(Problem, match=r'pods "one" is forbidden') as denied:
                    await source.execute(names.ref("pod", "one"), "", SHELL, SIZE)
                assert denied.value.state == "denied"


async def test_R1_a_read_only_cluster_carries_logs_and_no_session(lab: Lab) -> None:
    user = "certificate"  # an administrator: only the console's word holds anything back
    since = lab.audit_log.stat().st_size
    with stage.pods(lab, "one"):
        async with cluster(lab, user) as (source, names):
            pod, node = names.ref("pod", "one"), names.ref("node", "ip-10-12-0-1")
            for open_it in (
                source.execute(pod, "", SHELL, SIZE),
                source.attach(pod, "", SIZE),
                source.forward(pod, 80),
            ):
                with pytest.raises(Refused, match=r"read-only: GET .* which opens a session, was not sent"):
                    await open_it
            said, ending = await over(await source.debug(node, SIZE))
            assert (b"making pod" in said, ending.status) == (True, None)
            assert "read-only: POST" in ending.detail
            log = await source.logs(pod, "", tail=1)
            assert await hear(log, b"line 59") == b"line 59\r\n"
            await log.close()
    seen = [event["objectRef"] for event in lab.audit_events(user, since) if "objectRef" in event]
    assert "log" in {each.get("subresource") for each in seen}
    assert not {"exec", "attach", "portforward"} & {each.get("subresource") for each in seen}
    writes = [
        event for event in lab.audit_events(user, since) if event["verb"] not in ("get", "list", "watch")
    ]
    assert [each for each in writes if not each["objectRef"]["resource"].startswith("selfsubject")] == []


# ---- logs --------------------------------------------------------------------------------------------


def talk(lab: Lab, *lines: str) -> None:
    """The container prints."""
    with (lab.folder / f"{TALKS}.log").open("a") as log:
        for line in lines:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z stdout F {line}\n")


async def test_a_log_is_followed_as_it_grows(lab: Lab) -> None:
    with stage.pods(lab, TALKS):
        async with cluster(lab) as (source, names):
            ref = names.ref("pod", TALKS)
            talk(lab, "old", "first")
            log = await source.logs(ref, "", tail=1)
            assert await hear(log, b"first\r\n") == b"first\r\n"
            talk(lab, "second", "\tthird \x1b[31mred\x1b[0m")
            assert await hear(log, b"third") == b"second\r\n\tthird \x1b[31mred\x1b[0m\r\n"
            await log.close()
            before = await source.logs(ref, "", tail=500, previous=True)
            assert await over(before) == (b"the run before\r\n", Ending(0, "that is all of the previous run"))


async def test_a_log_goes_on_without_gaps_when_the_server_was_away(lab: Lab) -> None:
    with stage.pods(lab, TALKS):
        async with cluster(lab) as (source, names):
            talk(lab, "same", "same")
            log = await source.logs(names.ref("pod", TALKS), "", tail=2)
            said = await hear(log, b"same\r\nsame\r\n")
            talk(lab, *(f"before {number}" for number in range(50)))
            said += await hear(log, b"before 49\r\n")
            lab.stop_apiserver()
            said += await hear(log, b"trying again")
            talk(lab, *(f"meanwhile {number}" for number in range(50)))
            await asyncio.to_thread(lab.start_apiserver)
            said += await hear(log, b"meanwhile 49\r\n")
            talk(lab, "after")
            said += await hear(log, b"after\r\n")
            await log.close()
    lines = [line for line in said.decode().split("\r\n") if line and "trying again" not in line]
    expected = [
        "same",
        "same",
        *(f"{word} {n}" for word in ("before", "meanwhile") for n in range(50)),
        "after",
    ]
    assert lines == expected


async def test_a_log_that_has_not_begun_says_why(lab: Lab) -> None:
    async with cluster(lab) as (source, names):
        log = await source.logs(names.ref("pod", "does-not-fit"), "", tail=500)
        assert await over(log) == (
            b"",
            Ending(0, "container main does not run (the pod is Pending)", "look at the pod's events"),
        )
        silent = await source.logs(names.ref("pod", "oom"), "", tail=0)
        begun = time.monotonic()
        await silent.close()
        assert time.monotonic() - begun < 1


async def test_attaching_shows_what_runs(lab: Lab) -> None:
    with stage.pods(lab, TALKS):
        async with cluster(lab) as (source, names):
            attached = await source.attach(names.ref("pod", TALKS), "", SIZE)
            await until_heard(attached, lambda: talk(lab, "heard"), b"heard\r\n")
            await attached.close()


async def until_heard(session: Session, say: Callable[[], None], words: bytes) -> None:
    """Say it until it is heard: nobody knows when listening began."""
    task = asyncio.create_task(hear(session, words))
    end = time.monotonic() + PATIENCE
    while not task.done() and time.monotonic() < end:
        say()
        await asyncio.wait({task}, timeout=0.2)
    await task


# ---- ports -------------------------------------------------------------------------------------------


async def test_a_port_leads_to_what_listens_inside(lab: Lab) -> None:
    body = bytes(range(256)) * 4096

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=(await request.read()) + body)

    with stage.pods(lab, "one"):
        runner = web.ServerRunner(web.Server(answer))  # type: ignore[arg-type]
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", lab.inside).start()
        try:
            async with cluster(lab) as (source, names):
                connection = await source.forward(names.ref("pod", "one"), 8080)
                head = (
                    f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                sending = asyncio.create_task(connection.write(head.encode() + body))
                said = await hear(connection, body + body)
                await sending
                assert said.startswith(b"HTTP/1.1 200")
                await connection.close()
                assert await connection.ended() == Ending(0)
        finally:
            await runner.cleanup()


async def test_a_port_where_nobody_listens_says_so(lab: Lab) -> None:
    with stage.pods(lab, "one"):
        async with cluster(lab) as (source, names):
            said, ending = await over(await source.forward(names.ref("pod", "one"), 8080))
            assert (said, ending.status) == (b"", None)
            assert "connection refused" in ending.detail
            with pytest.raises(Refused, match="does not run"):
                await source.forward(names.ref("pod", "does-not-fit"), 80)


# ---- files -------------------------------------------------------------------------------------------


async def test_a_file_goes_in_and_comes_out_again(lab: Lab, tmp_path: Path) -> None:
    data = os.urandom(5_000_000)
    path = str(tmp_path / "it's")  # what kwok runs, it runs on this machine
    ways = {way.name: way for way in discover()}
    with stage.pods(lab, "one"):
        async with cluster(lab) as (source, names):
            target = Target(ref=names.ref("pod", "one"), label="pod one")
            nobody: Any = None
            where = Where(target=target, source=source, machine=None, asker=nobody, reach=nobody)
            (offer,) = await ways["head"].offers(where)
            assert (offer.choice, offer.refused) == ("one", "")
            putting = await ways["head"].open(where, "one", SIZE, (path,))
            reading = asyncio.create_task(over(putting))
            await putting.write(data)
            await putting.end()
            assert await reading == (b"", Ending(0))
            assert await over(await ways["cat"].open(where, "one", SIZE, (path,))) == (data, Ending(0))
            gets = await over(await ways["cat"].open(where, "one", SIZE, ("/nope/zz",)))
            assert gets[1].detail == "cat: /nope/zz: No such file or directory"
            refused = await ways["head"].open(where, "one", SIZE, ("/nope/zz",))
            reading = asyncio.create_task(over(refused))
            await refused.write(data)
            await refused.end()
            assert (await reading)[1].detail == "there is no folder /nope/"
    assert os.listdir(tmp_path) == ["it's"]


# ---- nodes -------------------------------------------------------------------------------------------


def leftovers(lab: Lab) -> list[str]:
    return stage.names(lab, "-A", "-l", ",".join(f"{key}={value}" for key, value in LABELS.items()))


async def test_a_debug_pod_is_made_entered_and_gone(lab: Lab) -> None:
    async with cluster(lab, debug_image="app:1") as (source, names):
        node = names.ref("node", "ip-10-12-0-3")
        assert "quarterdeck-debug-ip-10-12-0-3-…" in source.debug_plan(node)
        shell = await source.debug(node, SIZE)
        assert leftovers(lab) == []
        typed = asyncio.create_task(shell.write(b"echo re''ady\n"))  # waits for the shell
        assert b"making pod default/quarterdeck-debug-ip-10-12-0-3-" in await hear(shell, b"ready")
        await typed
        (name,) = leftovers(lab)
        assert f"{name} (app:1) on ip-10-12-0-3; " in shell.sent
        assert f"; attach default/{name}; exec default/{name} -- " in shell.sent
        spec = got(lab, "pod", name)["spec"]
        assert (spec["nodeName"], spec["hostPID"], spec["hostNetwork"]) == ("ip-10-12-0-3", True, True)
        assert spec["activeDeadlineSeconds"] == 4 * 3600
        assert spec["tolerations"][0] == {"operator": "Exists"}
        assert "securityContext" not in spec["containers"][0]
        await shell.write(b"stty size\n")
        await hear(shell, b"23 91")
        await shell.write(b"exit\n")
        assert (await over(shell))[1] == Ending(0)
        lab.wait("the debug pod is gone", lambda: leftovers(lab) == [])


async def test_a_debug_pod_goes_within_a_second_when_its_session_is_closed(lab: Lab) -> None:
    async with cluster(lab) as (source, names):
        for words in (b"making pod", b"# "):
            shell = await source.debug(names.ref("node", "ip-10-12-0-3"), SIZE)
            await hear(shell, words)
            begun = time.monotonic()
            await shell.close()
            assert time.monotonic() - begun < 1
            assert await shell.read() == b""
            assert (await shell.ended()).detail == "closed"
        lab.wait("the debug pods are gone", lambda: leftovers(lab) == [])


async def test_what_was_left_over_and_has_ended_is_deleted_and_nothing_else(lab: Lab) -> None:
    def left(name: str, who: str, phase: str) -> None:
        marks = ",".join(f"{key}={value}" for key, value in {**labels(who), STILL: ""}.items())
        there = json.dumps({"spec": {"nodeName": "ip-10-12-0-2"}})
        lab.kubectl("run", name, "--image=x", "--restart=Never", f"--labels={marks}", f"--overrides={there}")
        patch = json.dumps({"status": {"phase": phase}})
        lab.kubectl("patch", "pod", name, "--subresource=status", "--type=merge", "-p", patch)

    async with cluster(lab) as (source, names):
        left("ended", "admin", "Succeeded")
        left("failed", "admin", "Failed")
        left("runs", "admin", "Running")
        left("another-s", "ada", "Succeeded")
        try:
            shell = await source.debug(names.ref("node", "ip-10-12-0-3"), SIZE)
            await hear(shell, b"# ")
            lab.wait("they are gone", lambda: not {"ended", "failed"} & set(leftovers(lab)))
            assert {"runs", "another-s"} <= set(leftovers(lab))
            await shell.close()
        finally:
            for name in leftovers(lab):
                lab.kubectl("delete", "pod", name, "--grace-period=0", "--force", "--ignore-not-found")


async def test_a_debug_pod_that_does_not_start_says_why_and_is_gone(lab: Lab) -> None:
    waits = {"name": "debugger", "image": "x", "imageID": "", "ready": False, "restartCount": 0}
    words = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "nope"'}
    status = {"phase": "Pending", "containerStatuses": [{**waits, "state": {"waiting": words}}]}
    async with cluster(lab) as (source, names):
        lab.pause("kwok")  # which would start it
        try:
            shell = await source.debug(names.ref("node", "ip-10-12-0-3"), SIZE)
            await hear(shell, b"Pending")
            (name,) = leftovers(lab)
            patch = json.dumps({"status": status})
            lab.kubectl("patch", "pod", name, "--subresource=status", "--type=merge", "-p", patch)
            _, ending = await over(shell)
        finally:
            lab.resume("kwok")
        said = 'the debug pod does not start: ImagePullBackOff: Back-off pulling image "nope"'
        assert ending.detail == said
        assert "debug_image" in ending.remedy
        lab.wait("the debug pod is gone", lambda: leftovers(lab) == [])


async def test_a_debug_pod_that_may_not_be_made_is_not_made(lab: Lab) -> None:
    lab.kubectl("create", "namespace", "strict")
    lab.kubectl("label", "namespace", "strict", "pod-security.kubernetes.io/enforce=baseline")
    try:
        async with cluster(lab, debug_namespace="strict") as (source, names):
            _, ending = await over(await source.debug(names.ref("node", "ip-10-12-0-3"), SIZE))
            assert 'violates PodSecurity "baseline:latest"' in ending.detail
            assert "debug_namespace" in ending.remedy
    finally:
        lab.kubectl("delete", "namespace", "strict", "--wait=false")


# ---- through the engine ------------------------------------------------------------------------------


class Console(Hostile):
    """A console that opens sessions, and keeps what they say."""

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self.output: dict[int, bytes] = {}

    def _take(self, frame: Frame) -> None:
        super()._take(frame)
        if isinstance(frame.body, Output):
            self.output[frame.body.id] = self.output.get(frame.body.id, b"") + frame.body.data

    def open(self, id: int, name: str, **how: Any) -> None:
        ref = self.refs[name]
        self.link.send(Open(id=id, target=Target(ref=ref, label=name, name=name), columns=91, rows=23, **how))

    async def hears(self, id: int, words: bytes) -> None:
        await self.until(lambda: words in self.output.get(id, b""))

    async def closed(self, id: int) -> Closed:
        await self.until(lambda: isinstance(self.answers.get(id), Closed))
        answer = self.answers[id]
        assert isinstance(answer, Closed)
        return answer


@asynccontextmanager
async def console(lab: Lab, home: Path, *, read_only: bool = False) -> AsyncIterator[Console]:
    options = {"kubeconfig": str(lab.kubeconfig(user="certificate")), "contexts": ["lab"]}
    hello = Hello(
        version="0",
        providers=(ProviderChoice("kubernetes", options),),
        read_only=read_only,
        audit_path=str(home / "audit.jsonl"),
    )
    console = Console(connect(hello))
    reading = asyncio.create_task(console.read())
    try:
        await console.until(lambda: {"node", "pod"} <= console.complete)
        yield console
    finally:
        await console.link.close()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_a_console_opens_a_shell_and_the_audit_has_it(lab: Lab, tmp_path: Path) -> None:
    with stage.pods(lab, "one"):
        async with console(lab, tmp_path) as me:
            me.open(1, "one", way="exec")
            await me.hears(1, b"# ")
            me.link.send(Input(id=1, data=b"stty size\nexit\n"))
            assert (await me.closed(1)).status == 0
    intent, outcome = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    assert (intent["phase"], intent["action"], outcome["phase"]) == ("intent", "shell", "outcome")
    assert intent["sent"] == f"exec {PLACE}/one -c one -- {shlex.join(SHELL)}"
    assert outcome["result"] == "exit status 0"


async def test_a_debug_pod_is_confirmed_first_and_gone_when_the_engine_is(lab: Lab, tmp_path: Path) -> None:
    async with console(lab, tmp_path) as me:
        me.open(1, "ip-10-12-0-3", way="debug")
        assert (await me.closed(1)).detail.startswith("not confirmed: type ip-10-12-0-3")
        me.open(2, "ip-10-12-0-3", way="debug", typed="ip-10-12-0-3")
        await me.hears(2, b"# ")
        (name,) = leftovers(lab)
    lab.wait("the debug pod is gone", lambda: leftovers(lab) == [], seconds=5)
    intent = json.loads((tmp_path / "audit.jsonl").read_text().splitlines()[0])
    assert f"create pod default/{name}" in intent["sent"]


async def test_R1_a_read_only_engine_shows_logs_and_opens_nothing(lab: Lab, tmp_path: Path) -> None:
    since = lab.audit_log.stat().st_size
    with stage.pods(lab, "one"):
        async with console(lab, tmp_path, read_only=True) as me:
            pod = [
                ("exec", "shell"),
                ("attach", "attach"),
                ("forward", "forward"),
                ("head", "put"),
                ("cat", "get"),
            ]
            opened = [*(("one", *each) for each in pod), ("ip-10-12-0-3", "debug", "shell")]
            for number, (name, way, purpose) in enumerate(opened, 1):
                me.open(number, name, way=way, purpose=purpose, typed=name, arguments=("80",))
                assert (await me.closed(number)).detail == "the engine is read-only: nothing was opened"
            me.open(9, "one", purpose="logs")
            await me.hears(9, b"line 59\r\n")
    assert not (tmp_path / "audit.jsonl").exists()
    assert written(lab, since) == []
