"""A console's stand-in that starts an engine, prints its pid and then does nothing: to be killed.

`python -m tests.engine.holder <provider> [<seconds to live>]`.
"""

from __future__ import annotations

import asyncio
import sys

from console.link import Link
from providers.model import Health
from providers.stream import Hello, ProviderChoice
from providers.transport import Child


async def hold(provider: str, seconds: float) -> None:
    """Print the engine's pid when its source is live; end without closing anything."""

    def start() -> Child:
        return Child([sys.executable, "-m", "tests.engine.strange"], "the engine", hello, again=start)

    hello = Hello(version="1", providers=(ProviderChoice(provider),))
    link = Link(start())
    async for frames in link.frames():
        if any(isinstance(frame.body, Health) and frame.body.state == "live" for frame in frames):
            print(link.pid, flush=True)
            await asyncio.sleep(seconds)
            return


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 3600.0))
