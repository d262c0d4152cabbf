"""A channel: bytes in order both ways, the end noticed, and silence told from having been asleep."""

from __future__ import annotations

import asyncio
import os
import socket
import time

import pytest

from providers.channel import Channel, Silent


def pair() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours.fileno(), ours.detach()), theirs


async def test_what_the_system_does_not_take_waits_in_order() -> None:
    channel, other = pair()
    data = os.urandom(3_000_000)
    channel.post(data[:1_000_000])
    channel.post(data[1_000_000:])
    assert channel.queued > 0
    got = bytearray()
    while len(got) < len(data):
        await asyncio.sleep(0)
        got += other.recv(1 << 16)
    assert got == data
    assert await channel.drain()
    channel.close()
    other.close()


async def test_drain_waits_for_what_was_posted_before_it_and_not_for_what_comes_after() -> None:
    channel, other = pair()
    channel.post(b"x" * 1_000_000)
    draining = asyncio.create_task(channel.drain())
    async with asyncio.timeout(5):
        while not draining.done():
            await asyncio.sleep(0)
            other.recv(1 << 16)
            channel.post(b"y" * (1 << 16))  # as fast as it is read
    assert draining.result()
    assert channel.queued > 0
    channel.close()
    other.close()


async def test_drain_waits_for_a_reader_and_gives_up_when_it_goes() -> None:
    channel, other = pair()
    channel.post(b"x" * 3_000_000)
    draining = asyncio.create_task(channel.drain())
    await asyncio.sleep(0.01)
    assert not draining.done()
    other.close()
    assert not await asyncio.wait_for(draining, 2)
    assert channel.broken
    channel.post(b"nothing keeps piling up")
    assert channel.queued == 0
    channel.close()


async def test_the_end_and_a_reset_are_read_as_the_end() -> None:
    channel, other = pair()
    channel.post(b"unread")
    other.close()  # unread data makes it a reset
    assert await channel.read(1) == b""
    channel.close()


async def test_close_wakes_a_reader() -> None:
    channel, other = pair()
    reading = asyncio.create_task(channel.read())
    await asyncio.sleep(0)
    channel.close()
    assert await asyncio.wait_for(reading, 1) == b""
    channel.close()
    other.close()


async def test_silence_is_told() -> None:
    channel, other = pair()
    with pytest.raises(Silent):
        await channel.read(0.01)
    other.send(b"late")
    assert await channel.read(0.01) == b"late"
    channel.close()
    other.close()


async def test_data_that_came_while_the_process_was_stopped_is_no_silence() -> None:
    channel, other = pair()
    reading = asyncio.create_task(channel.read(0.05))
    await asyncio.sleep(0)
    other.send(b"beat")
    time.sleep(0.1)  # noqa: ASYNC251  (as after SIGSTOP and SIGCONT: the timer is overdue)
    assert await reading == b"beat"
    channel.close()
    other.close()


async def test_a_reader_that_is_cancelled_leaves_the_channel_usable() -> None:
    channel, other = pair()
    reading = asyncio.create_task(channel.read())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    other.send(b"still")
    assert await channel.read(1) == b"still"
    channel.close()
    other.close()
