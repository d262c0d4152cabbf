"""A shell on a node as a session: the pod comes up, is a shell, and is gone."""

from __future__ import annotations

import asyncio
import shlex

from providers.contract import Problem
from providers.kubernetes.client import Client
from providers.kubernetes.containers import Pod, explained
from providers.kubernetes.debug_pod import CONTAINER, DebugPod, Recipe
from providers.kubernetes.exec import Execution, execute
from providers.kubernetes.lifeline import Lifeline
from providers.sessions import Ending, Size
from providers.shell import SHELL
from providers.text import clean

_START_SECONDS = 120.0
_POLL_SECONDS = 0.3
_REMOVE_SECONDS = 0.7
_HOPELESS = {
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerError",
    "CreateContainerConfigError",
    "RunContainerError",
    "CrashLoopBackOff",
}


class DebugSession:
    """Makes its pod when it is first read, tells how it comes up, then is a shell in it."""

    def __init__(self, client: Client, pod: DebugPod, size: Size) -> None:
        place = f"{pod.namespace}/{pod.name}"
        self.sent = (
            f"create pod {place} ({pod.image}) on {pod.node}; delete own debug pods in {pod.namespace} that "
            f"have ended; attach {place}; exec {place} -- {shlex.join(SHELL)}"
        )
        self._client, self._pod, self._size = client, pod, size
        self._shell: Execution | None = None
        self._lifeline: Lifeline | None = None
        self._stands = asyncio.Event()
        """That writing need not wait: there is a shell, or there will be none."""
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._story = f"making pod {place}"
        self._told = ""
        self._late = 0.0

    async def read(self) -> bytes:
        """First lines about the pod, then what the shell says; b"" when the pod is gone."""
        while not self._ending.done():
            try:
                if said := await self._next():
                    return said
            except Problem as problem:
                await self._finish(Ending(detail=problem.detail, remedy=problem.remedy))
        return b""

    async def write(self, data: bytes) -> None:
        """Waits for the shell where there is none yet."""
        await self._stands.wait()
        if self._shell is not None:
            await self._shell.write(data)

    async def end(self) -> None:
        """End the shell's input."""
        await self._stands.wait()
        if self._shell is not None:
            await self._shell.end()

    def resize(self, size: Size) -> None:
        """Also for the shell that is still to come."""
        self._size = size
        if self._shell is not None:
            self._shell.resize(size)

    async def ended(self) -> Ending:
        """How the shell ended, or why there was none, and whether the pod is left over."""
        return await asyncio.shield(self._ending)

    async def close(self) -> None:
        """Ask for the pod's end, and leave the shell meanwhile."""
        removal = asyncio.create_task(self._finish(Ending(detail="closed")))
        for each in (self._shell, self._lifeline):
            if each is not None:
                await each.close()
        await asyncio.wait({removal}, timeout=_REMOVE_SECONDS)

    # ---- from pod to shell ---------------------------------------------------------------------------

    async def _next(self) -> bytes:
        """What is to be said now; b"" when there is nothing yet, or nothing any more."""
        if self._shell is not None:
            if said := await self._shell.read():
                return said
            await self._finish(await self._shell.ended())
        elif self._story != self._told:
            self._told = self._story
            return f"\x1b[2m{self._story}\x1b[0m\r\n".encode()
        elif not self._late:
            self._late = asyncio.get_running_loop().time() + _START_SECONDS
            await self._pod.create()
        else:
            await self._look()
        return b""

    async def _look(self) -> None:
        """Enter it where it runs by now. Raises Problem with the pod's own words when it never will."""
        now = await self._pod.read()
        state = now.status_of(CONTAINER).state
        if state.running is not None:
            self._lifeline = await self._pod.hold()
            size = self._size
            self._shell = await execute(self._client, now, now.spec_of(CONTAINER), SHELL, size)
            if size != self._size:
                self._shell.resize(self._size)
            self._stands.set()
            return
        why = _why(now)
        if (state.waiting and state.waiting.reason in _HOPELESS) or now.status.phase in (
            "Failed",
            "Succeeded",
        ):
            remedy = "debug_image in [providers.kubernetes] names another image" if "mage" in why else ""
            raise Problem(f"the debug pod does not start: {why}", remedy)
        if asyncio.get_running_loop().time() > self._late:
            raise Problem(
                f"the debug pod did not start within {_START_SECONDS:.0f} s: {why}",
                "look whether the kubelet runs: it is what starts pods on the node",
            )
        self._story = f"pod {self._pod.name}: {why}"
        await asyncio.sleep(_POLL_SECONDS)

    async def _finish(self, ending: Ending) -> None:
        """Remove the pod, then let it have ended so."""
        self._stands.set()
        left = await self._pod.remove()
        if self._ending.done():
            return
        if left:
            remedy = f"kubectl delete pod -n {self._pod.namespace} {self._pod.name}"
            ending = Ending(ending.status, "; ".join(filter(None, (ending.detail, left))), remedy)
        self._ending.set_result(ending)


def _why(now: Pod) -> str:
    """How it is, in the words of the server."""
    said = explained(now.status_of(CONTAINER).state) or now.status.reason or now.status.phase
    return clean(": ".join(filter(None, (said, now.status.message))), 400)


def session(client: Client, node: str, recipe: Recipe, size: Size, who: str) -> DebugSession:
    """One of `who` that will make its pod when it is first read."""
    return DebugSession(client, DebugPod(client, node, recipe, who), size)
