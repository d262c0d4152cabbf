"""The codec: everything goes through in any pieces, and what is no stream is refused in words."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.model import (
    About,
    Began,
    Column,
    Complete,
    Condition,
    Deletes,
    Disk,
    Event,
    Field,
    Finding,
    Health,
    Heard,
    Instance,
    LinuxHost,
    Node,
    Offer,
    Owner,
    PlanItem,
    Pod,
    Record,
    Ref,
    Result,
    Schema,
    SourceInfo,
    Target,
    Upserts,
)
from providers.stream import (
    PROTOCOL,
    Beat,
    Body,
    Bye,
    Cancel,
    Closed,
    Command,
    Confirm,
    Diagnose,
    Document,
    Failed,
    Fetch,
    Findings,
    Follow,
    Frame,
    Gone,
    Hello,
    Input,
    Offered,
    Open,
    Opened,
    Order,
    Outcome,
    Output,
    Plan,
    Propose,
    ProviderChoice,
    Question,
    Ran,
    Refresh,
    Reply,
    Resize,
    Shut,
    Taken,
    Verify,
    Ways,
    Welcome,
)
from providers.wire import Coding, Reader, WireError, Writer
from tests.engine.strange import pod

CODINGS: tuple[Coding, ...] = ("plain", "zstd")
REF = Ref("lab", "pod", "u1")
OWNER = Owner("ReplicaSet", "web", "o1")
OBJECTS = (
    Node(uid="n", name="n1", ready=True, memory=1 << 40, conditions=(Condition("Ready", "True", since=1.5),)),
    Pod(
        uid="p",
        namespace="shop",
        name="web",
        owner=OWNER,
        message="é 日本 \udfff".encode(errors="replace").decode(),
    ),
    Instance(uid="i", tags=(("Name", "x"),)),
    Event(uid="e", at=1.0, severity="warning"),
    Record(kind="deployments.apps", uid="r", name="d", cells=("1/2", "")),
    LinuxHost(uid="h", name="db", load=(0.5, 1.0, 2.0), disks=(Disk(path="/", size=1 << 40, used=1),)),
)
TARGET = Target(ref=REF, label="pod web", jump=("ada@bastion:2222",))
BODIES: tuple[Any, ...] = (
    Upserts(OBJECTS),
    Deletes("pod", ("a", "b")),
    Began("pod"),
    Complete("pod"),
    Health(state="lost", since=1.0, detail="x", kind="pod", skipped=3),
    About(SourceInfo(name="lab", provider="kubernetes", warnings=("TLS not verified",))),
    Schema(kind="jobs.batch", title="Jobs", columns=(Column("AGE", 1, True),)),
    Heard(),
    Welcome(version="1", pid=1, host="h", read_only=True),
    Gone(),
    Beat({"lab": 1.25}),
    Plan(id=1, action="cordon", sentence="s", items=(PlanItem(ref=REF, label="l", where="w"),), typed="lab"),
    Outcome(id=1, action="cordon", results=(Result(ref=REF, label="l", state="unknown"),), final=True),
    Document(id=1, ref=REF, text="a: 1\n"),
    Findings(id=1, findings=(Finding(subject="s", level="error", detail="d"),)),
    Failed(id=0, detail="d", remedy="r"),
    Offered(id=1, offers=(Offer(way="ssh", title="t", refused="no"),)),
    Opened(id=1, way="ssh", sent="ssh -- h"),
    Output(id=1, data=b"\x1b[0m\xff"),
    Closed(id=1, status=255, detail="d"),
    Taken(id=1, count=5),
    Question(id=1, title="t", fields=(Field(text="passphrase"),), sessions=(1,)),
    Ran(id=1, ref=REF, exit_status=0, stdout=b"\0"),
)
COMMANDS: tuple[Any, ...] = (
    Hello(version="1", providers=(ProviderChoice("demo", {"pods": 10, "rate": 1.5}),), read_only=True),
    Propose(id=1, action="cordon", refs=(REF,)),
    Confirm(id=1, typed="y"),
    Cancel(id=1),
    Fetch(id=1, ref=REF),
    Refresh("lab"),
    Diagnose(1),
    Verify(1, "lab"),
    Bye(),
    Propose(id=2, action="run", refs=(REF,), order=Order(targets=(TARGET,), command="uptime")),
    Ways(id=1, target=TARGET),
    Open(id=1, target=TARGET, way="ssh"),
    Input(id=1, data=b"ls\r"),
    Resize(id=1, columns=1, rows=1),
    Shut(id=1),
    Reply(id=1, answers=None),
    Taken(id=1, count=5),
    Follow(source="ssh", targets=(TARGET,)),
)


def test_every_body_and_command_is_among_the_examples() -> None:
    assert {type(body) for body in BODIES} == set(get_args(Body))
    assert {type(command) for command in COMMANDS} == set(get_args(Command))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_frames_and_commands_survive_any_pieces(coding: Coding, step: int) -> None:
    frames = [Frame(float(number), "lab", body) for number, body in enumerate(BODIES)]
    for type_, messages in ((Frame, frames), (Command, list(COMMANDS))):
        writer = Writer(coding)
        data = writer.write() + writer.write(messages[:3]) + writer.write(messages[3:])
        reader: Reader[Any] = Reader(type_)
        read = [found for at in range(0, len(data), step) for found in reader.feed(data[at : at + step])]
        reader.end()
        assert read == messages


@pytest.mark.parametrize("coding", CODINGS)
def test_each_write_can_be_read_without_the_next(coding: Coding) -> None:
    writer, reader = Writer(coding), Reader[Frame](Frame)
    for body in BODIES:
        assert reader.feed(writer.write([Frame(1.0, "lab", body)])) == [Frame(1.0, "lab", body)]


TEXT = st.text(max_size=300)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Pod,
            uid=TEXT,
            namespace=TEXT,
            name=TEXT,
            created=st.none() | st.floats(allow_nan=False),
            restarts=st.integers(0, 2**31),
            owner=st.none() | st.builds(Owner, TEXT, TEXT, TEXT),
        ),
        max_size=20,
    ),
    st.sampled_from(CODINGS),
    st.integers(1, 500),
)
def test_any_pods_round_trip(pods: list[Pod], coding: Coding, step: int) -> None:
    frame = Frame(1.0, "lab", Upserts(tuple(pods)))
    data = Writer(coding).write([frame])
    reader = Reader[Frame](Frame)
    assert [f for at in range(0, len(data), step) for f in reader.feed(data[at : at + step])] == [frame]


def test_the_greeting_is_readable_ascii() -> None:
    assert Writer("plain").write() == b"quarterdeck-stream 2 plain\n"
    assert Writer("zstd").write([Frame(1.0, "", Gone())]).startswith(b"quarterdeck-stream 2 zstd\n")


@pytest.mark.parametrize(
    ("said", "fault", "quoted", "remedy"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "greeting", "SSH-2.0-OpenSSH_9.2", "--via user@host"),
        (b"sh: 1: quarterdeck: not found\n", "greeting", "quarterdeck: not found", "install quarterdeck"),
        (b"<!DOCTYPE html>\n<html>", "greeting", "<!DOCTYPE html>", "web server"),
        (b"HTTP/1.1 400 Bad Request\r\n", "greeting", "HTTP/1.1 400", "web server"),
        (b"\x1b]52;c;aGk=\x07Welcome to \x1b[31mbastion\n", "greeting", "␛]52", ".bashrc"),
        (b"\n\nLast login: today\n", "greeting", "Last login: today", ".bashrc"),
        (b"\xff" * 600, "greeting", "\ufffd\ufffd", ".bashrc"),
        (b"quarterdeck-stream 999 plain\n", "version", "version 999", "this end"),
        (b"quarterdeck-stream 0 plain\n", "version", "version 0", "older: bastion"),
        (b"quarterdeck-stream 2 lz4\n", "version", "lz4", "update"),
        (b"quarterdeck-stream 2 plain\n\xff\xff\xff\xff", "content", "4,294,967,295 bytes", "update"),
        (b"quarterdeck-stream 2 plain\n\0\0\0\2{}", "content", "can't be read", "update"),
        (b"quarterdeck-stream 2 plain\n\0\0\0\4\x93\xcb\x00\x00", "content", "can't be read", "update"),
        (b"quarterdeck-stream 2 zstd\nnot compressed at all", "content", "can't be expanded", "update"),
        (b"quarterdeck-stream 2 plain\n\0\0\0\x09\x93", "cut", "in the middle of a message", ""),
        (b"quarterdeck-stream 2 pl", "greeting", "quarterdeck-stream 2 pl", ""),
        (b"", "cut", "without a word", ""),
    ],
)
def test_what_is_no_stream_is_refused_with_a_sentence(
    said: bytes, fault: str, quoted: str, remedy: str
) -> None:
    reader = Reader[Frame](Frame, "bastion")
    with pytest.raises(WireError) as caught:
        _feed(reader, said, len(said) or 1)
    error = caught.value
    assert error.fault == fault
    assert quoted in error.detail
    assert remedy in error.remedy
    assert error.detail.startswith("bastion ")
    assert error.detail.isprintable()
    with pytest.raises(WireError) as slowly:
        _feed(Reader[Frame](Frame, "bastion"), said, 1)
    assert slowly.value.fault == fault


def _feed(reader: Reader[Frame], data: bytes, step: int) -> None:
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
    reader.end()


def test_garbage_without_a_line_feed_is_refused_before_its_end() -> None:
    with pytest.raises(WireError):
        Reader[Frame](Frame).feed(b"Welcome to bastion, please wait")


def test_a_message_over_the_cap_is_refused_before_it_is_held() -> None:
    reader = Reader[Frame](Frame, cap=1000)
    with pytest.raises(WireError, match="2,000 bytes"):
        reader.feed(b"quarterdeck-stream 2 plain\n" + (2000).to_bytes(4, "big"))


def test_a_compressed_bomb_is_refused_before_it_is_held() -> None:
    import zstandard

    bomb = zstandard.ZstdCompressor().compress(b"\xff" * (1 << 28))
    with pytest.raises(WireError, match="cap"):
        Reader[Frame](Frame).feed(b"quarterdeck-stream 2 zstd\n" + bomb)


def test_a_field_added_by_a_newer_end_is_ignored() -> None:
    writer, reader = Writer(), Reader[Frame](Frame)
    newer = [1.0, "lab", ["complete", "pod", "a field of the future"]]
    assert reader.feed(writer.write([newer])) == [Frame(1.0, "lab", Complete("pod"))]


def test_the_protocol_number_is_in_the_greeting() -> None:
    assert f" {PROTOCOL} ".encode() in Writer().write()


def test_ten_thousand_pods_and_a_change_are_small_on_a_link() -> None:
    from tests.engine.measure import cost

    measured = cost(pods=10_000, changes=300)
    assert measured.load <= 1_000_000
    assert measured.largest_change <= 80
    assert measured.mean_change <= 50


def test_structs_stay_arrays() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(pod("1")))[:4] == ["pod", "1", "shop", "pod-1"]
