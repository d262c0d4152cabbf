"""The threads that requests wait in: bounded, started when needed, and never waited for at the end.

The standard pool's threads are joined when the process ends: a request that hangs would hold it up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

Work = tuple[Future[Any], Callable[[], Any]]


class Threads(Executor):
    """At most `limit` threads, which end with shutdown() or with the process."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._running = 0
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it in one of the threads. Raises RuntimeError after shutdown()."""
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError(f"the threads of {self._name} have been let go")
            self._work.put((future, lambda: fn(*args, **kwargs)))
            if not self._idle.acquire(blocking=False) and self._running < self._limit:
                self._running += 1
                threading.Thread(target=self._run, name=f"{self._name} {self._running}", daemon=True).start()
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:
        """Take nothing new; what has not begun is cancelled, what runs is left to itself."""
        with self._lock:
            self._closed = True
            with suppress(Empty):
                while cancel_futures:
                    if work := self._work.get_nowait():
                        work[0].cancel()
            for _ in range(self._running):
                self._work.put(None)

    def _run(self) -> None:
        while work := self._next():
            future, call = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # it belongs to whoever waits for the future
                future.set_exception(error)
            del work, future, call

    def _next(self) -> Work | None:
        try:
            return self._work.get_nowait()
        except Empty:
            self._idle.release()
            return self._work.get()
