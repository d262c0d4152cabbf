"""The pod that is made on a node for a shell there: what it is, its making, and that it goes.

Its rights are those of kubectl's "general" profile: root in the node's namespaces with the node's files, not
privileged. It is deleted when its session ends; where nobody is left to do that, it ends by itself
(lifeline.py), and the next session deletes it (leftovers.py).
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Any

import msgspec
from msgspec import Struct

from providers.contract import Problem, Refused, Uncertain
from providers.kubernetes.api import status_of
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.containers import Pod
from providers.kubernetes.leftovers import labels, sweep
from providers.kubernetes.lifeline import SILENCE_SECONDS, Lifeline, attached, listening
from providers.kubernetes.lookup import Bare, path

CONTAINER = "debugger"
LIFE_SECONDS = 4 * 3600


class Recipe(Struct, frozen=True, kw_only=True):
    """Where such pods are made, and of what."""

    namespace: str = "default"
    image: str = "busybox:stable"


def plan(node: str, recipe: Recipe) -> str:
    """What is made, and what becomes of it, in one line."""
    return (
        f"makes pod {_prefix(node)}… in namespace {recipe.namespace} of {recipe.image}: root on the node "
        f"in its PID, network and IPC namespaces, not privileged, the node's / under /host; deleted when the "
        f"shell ends; it ends by itself {SILENCE_SECONDS} s after nobody is there, and after "
        f"{LIFE_SECONDS // 3600} h in any case"
    )


def manifest(name: str, node: str, recipe: Recipe, who: str) -> dict[str, Any]:
    """The pod, made by `who`. It goes onto the node past the scheduler, whatever the node's taints."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": recipe.namespace, "labels": labels(who)},
        "spec": {
            "nodeName": node,
            "hostPID": True,
            "hostNetwork": True,
            "hostIPC": True,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": LIFE_SECONDS,
            "terminationGracePeriodSeconds": 1,  # with 0 the server would not wait for the node
            "automountServiceAccountToken": False,
            "tolerations": [{"operator": "Exists"}],
            "volumes": [{"name": "host-root", "hostPath": {"path": "/"}}],
            "containers": [
                {
                    "name": CONTAINER,
                    "image": recipe.image,
                    "command": listening(),
                    "stdin": True,
                    "stdinOnce": True,
                    "volumeMounts": [{"name": "host-root", "mountPath": "/host"}],
                }
            ],
        },
    }


class DebugPod:
    """The pod, from before it is made until it is gone."""

    def __init__(self, client: Client, node: str, recipe: Recipe, who: str) -> None:
        self.node, self.namespace, self.image = node, recipe.namespace, recipe.image
        self.name = f"{_prefix(node)}{secrets.token_hex(3)}"
        self._client, self._recipe, self._who = client, recipe, who
        self._uid = ""
        self._creation: asyncio.Task[None] | None = None
        self._removal: asyncio.Task[str] | None = None
        self._sweeping: asyncio.Task[None] | None = None

    async def create(self) -> None:
        """Make it, and delete what is left of earlier ones. Raises Refused or Problem.

        Who stops waiting does not stop it: remove() undoes it.
        """
        self._creation = asyncio.create_task(self._create())
        await asyncio.shield(self._creation)

    async def read(self) -> Pod:
        """As it is now. Raises Refused when it is gone."""
        try:
            return msgspec.json.decode(await self._client.get(self._path, timeout=15), type=Pod)
        except ApiError as error:
            if error.status != 404:
                raise
            raise Refused(f"pod {self.namespace}/{self.name} was deleted by somebody else") from None

    async def hold(self) -> Lifeline:
        """Keep it from ending by itself. Raises Refused or Problem."""
        return await attached(self._client, self._path, CONTAINER)

    async def remove(self) -> str:
        """Delete it, once however often this is asked for; why it may be left over, "" where it is not.

        Who stops waiting does not stop it.
        """
        if self._creation is None:
            return ""
        if self._removal is None:
            if self._sweeping is not None:
                self._sweeping.cancel()
            self._removal = asyncio.create_task(self._remove(self._creation))
        return await asyncio.shield(self._removal)

    @property
    def _path(self) -> str:
        return path("pod", self.namespace, self.name)

    async def _create(self) -> None:
        body = msgspec.json.encode(manifest(self.name, self.node, self._recipe, self._who))
        params = {"fieldManager": "quarterdeck"}
        try:
            answer = await self._client.send("POST", self._path.rpartition("/")[0], body, params=params)
            self._uid = msgspec.json.decode(answer, type=Bare).metadata.uid
        except msgspec.DecodeError:
            raise Uncertain("the server's answer cannot be read", "see the server's log") from None
        except ApiError as error:
            if "violates PodSecurity" not in error.message:
                raise
            remedy = "name a namespace that lets such pods in: debug_namespace in [providers.kubernetes]"
            raise Refused(error.detail, remedy) from error
        self._sweeping = asyncio.create_task(sweep(self._client, self.namespace, self._who))

    async def _remove(self, creation: asyncio.Task[None]) -> str:
        await asyncio.wait({creation})
        failure = creation.exception()
        if isinstance(failure, Problem) and not isinstance(failure, Uncertain):
            return ""
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if self._uid:
            options["preconditions"] = {"uid": self._uid}
        try:
            await self._client.send("DELETE", self._path, msgspec.json.encode(options))
        except Problem as problem:
            if status_of(problem) in (404, 409):
                return ""  # it is gone, or another one has its name
            return f"pod {self.namespace}/{self.name} may be left over: {problem.detail}"
        return ""


def _prefix(node: str) -> str:
    """A pod's name is 253 letters at most."""
    plain = re.sub(r"[^a-z0-9-]+", "-", node.lower()).strip("-")[:180].rstrip("-")
    return f"quarterdeck-debug-{plain}-"
