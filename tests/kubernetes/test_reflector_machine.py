"""Any history of a server, with any faults in between: in the end both have the same."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from providers.kubernetes import decode
from providers.kubernetes.reflector import Collection, Reflector
from providers.kubernetes.timing import Timing
from providers.model import Batch, Pod, Upserts

from . import samples
from .apiserver import ApiServer, Fault
from .mirror import Mirror
from .samples import line
from .virtual_time import VirtualLoop

NAMES = st.sampled_from([f"p{number}" for number in range(8)])
LINES = [
    b"not json\n",
    b'{"type":"SURPRISE","object":{}}\n',
    b'{"type":"ADDED","object":{"metadata":{"uid":"q"},"spec":3}}\n',
    b'{"type":"DELETED","object":{"metadata":{"uid":"never"}}}\n',
    b'{"type":"ERROR"}\n',
    line("ERROR", {"code": 410, "reason": "Expired"}),
    line("ERROR", {"code": 500}),
    line("ERROR", {"code": 429}),
]
REQUESTS = ("list", "page", "initial", "watch")
FAULTS = st.one_of(
    st.builds(
        Fault,
        on=st.sampled_from([(each,) for each in REQUESTS]),
        status=st.sampled_from([400, 401, 403, 410, 422, 429, 500, 503, 504]),
        body=st.just(b"no"),
        headers=st.sampled_from([{}, {"Retry-After": "3"}]),
    ),
    st.builds(Fault, on=st.sampled_from([(each,) for each in REQUESTS]), refuse=st.just(True)),
    st.builds(
        Fault,
        on=st.sampled_from([("initial",), ("watch",)]),
        after=st.integers(0, 6),
        insert=st.sampled_from([b"", b'{"type":"ADDED","obj', *LINES]),
        then=st.sampled_from(["close", "reset", "hang"]),
    ),
    st.builds(
        Fault,
        on=st.sampled_from([("initial",), ("watch",)]),
        after=st.integers(0, 6),
        insert=st.sampled_from([each for each in LINES if b"ERROR" not in each]),
    ),
    st.builds(Fault, on=st.just(("page", "list")), mutate=st.just(lambda body: body[: len(body) // 2])),
    st.builds(Fault, on=st.just(("watch",)), mutate=st.just(lambda each: each + each)),
)


class Forward(Mirror):
    """A mirror that minds that no object goes back in time."""

    strict = True

    async def put(self, batch: Batch) -> None:
        if isinstance(batch, Upserts) and self.strict:
            for obj in batch.objects:
                held = self.objects.get(obj.uid)
                if isinstance(obj, Pod) and isinstance(held, Pod):
                    assert int(obj.rv) > int(held.rv), (held, obj)
        await super().put(batch)


class Machine(RuleBasedStateMachine):
    """A server that changes and breaks, and a reflector that follows it."""

    @initialize(
        pods=st.integers(0, 12),
        streaming=st.sampled_from(["yes", "yes", "refused", "ignored"]),
        gone=st.sampled_from(["event", "status"]),
        size=st.sampled_from([0, 0, 1, 7, 300]),
        jitter=st.sampled_from([0.0, 0.5, 1.0]),
    )
    def start(self, pods: int, streaming: str, gone: str, size: int, jitter: float) -> None:
        self.loop = VirtualLoop()
        self.fired: list[Fault] = []
        self.steps = itertools.count()
        api = self.api = ApiServer()
        api.streaming, api.gone_as = streaming, gone  # type: ignore[assignment]
        if size:
            api.slices = lambda body: [body[n : n + size] for n in range(0, len(body), size)]
        for number in range(pods):
            api.apply("pods", samples.pod(f"p{number}"))
        self.mirror = Forward()
        self.loop.run_until_complete(self._open(jitter))

    async def _open(self, jitter: float) -> None:
        timing = Timing(thick=0, random=lambda: jitter, wall=self.loop.time)
        collection = Collection("/api/v1/pods", decode.pods())
        self.reflector = Reflector(self.api, collection, self.mirror.put, timing)
        self.task = asyncio.create_task(self.reflector.run())

    def _pass(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    @rule(name=NAMES, restarts=st.integers(0, 3))
    def change(self, name: str, restarts: int) -> None:
        self.api.apply("pods", samples.pod(name, restarts=restarts))

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        if ("pods", "default", name) in self.api._now:
            self.api.delete("pods", name, "default")

    @rule(name=NAMES)
    def replace(self, name: str) -> None:
        self.remove(name)
        self.change(name, 0)

    @rule()
    def elsewhere(self) -> None:
        self.api.apply("nodes", samples.node("n"))

    @rule()
    def compact(self) -> None:
        self.api.compact()

    @rule()
    def drop(self) -> None:
        self.api.drop()

    @rule()
    def bookmark(self) -> None:
        self.api.bookmark()

    @rule(fault=FAULTS, times=st.integers(1, 3))
    def fault(self, fault: Fault, times: int) -> None:
        fault.times, fault.fired = times, 0
        self.api.faults.append(fault)

    @rule(seconds=st.sampled_from([0.001, 0.02, 0.5, 5.0, 40.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self._pass(seconds)

    @rule()
    def refresh(self) -> None:
        async def press() -> None:
            self.reflector.refresh()

        self.loop.run_until_complete(press())

    @invariant()
    def it_runs(self) -> None:
        if hasattr(self, "task") and self.task.done():
            self.task.result()

    def teardown(self) -> None:
        if not hasattr(self, "task"):
            return
        try:
            self.api.faults.clear()
            self._pass(1200)
            self.it_runs()
            assert self.mirror.versions() == self.api.versions("pods")
            assert self.mirror.health["pod"].state == "live"
        finally:
            self.task.cancel()
            self.loop.run_until_complete(asyncio.wait({self.task}))
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()


SETTINGS = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestAnyHistory = Machine.TestCase
TestAnyHistory.settings = SETTINGS
