"""Recordings: what was recorded is replayed, and a file that is none is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.recording import Recorder, replay
from providers.stream import Frame
from providers.wire import WireError
from tests.engine.test_wire import BODIES

FRAMES = [Frame(float(number), "lab", body) for number, body in enumerate(BODIES)]


def recorded(path: Path) -> Path:
    recorder = Recorder(path)
    for frame in FRAMES:
        recorder.record([frame])
    recorder.close()
    recorder.close()
    return path


def test_what_was_recorded_is_replayed(tmp_path: Path) -> None:
    path = recorded(tmp_path / "night.qd")
    assert [frame for frames in replay(path) for frame in frames] == FRAMES
    assert path.stat().st_mode & 0o077 == 0


def test_frames_are_in_the_file_at_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "night.qd")
    recorder.record(FRAMES)
    replayed: list[Frame] = []
    for frames in replay(tmp_path / "night.qd"):
        replayed += frames
    assert replayed == FRAMES
    recorder.close()


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = recorded(tmp_path / "night.qd")
    with pytest.raises(FileExistsError):
        Recorder(path)


def test_a_recording_that_was_cut_off_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "night.qd"
    recorder = Recorder(path)
    recorder.record(FRAMES[:3])
    whole = path.stat().st_size
    recorder.record([Frame(99.0, "lab", BODIES[0])])
    recorder.close()
    path.write_bytes(path.read_bytes()[: whole + 6])
    assert [frame for frames in replay(path) for frame in frames] == FRAMES[:3]


@pytest.mark.parametrize(
    ("content", "said", "remedy"),
    [
        (b"apiVersion: v1\nkind: Config\n", "it says: apiVersion: v1", "recorded by quarterdeck"),
        (b"", "without a word", ""),
        (b"quarterdeck-stream 999 zstd\n", "version 999", "recorded it"),
        (b"quarterdeck-stream 2 zstd\nxxxxxxxx", "can't be expanded", "changed"),
    ],
)
def test_what_is_no_recording_is_refused_by_name(
    tmp_path: Path, content: bytes, said: str, remedy: str
) -> None:
    path = tmp_path / "x.qd"
    path.write_bytes(content)
    with pytest.raises(WireError) as caught:
        list(replay(path))
    assert str(path) in caught.value.detail
    assert said in caught.value.detail
    assert remedy in caught.value.remedy
