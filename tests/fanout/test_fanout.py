"""What an order came to: how hosts stand, groups and their order, sheets, files, and content on its way."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fanout.fanout import Fanout
from console.fanout.names import distinct
from console.fanout.saving import file_names, safe, save_files, save_output
from console.fanout.sheet import sheet
from console.fanout.upload import Upload
from providers.model import PlanItem, Ref, Result, Target
from providers.stream import WINDOW, Order, Outcome, Plan, Ran


def ref(name: str, source: str = "prod") -> Ref:
    return Ref(source, "node", f"uid-{name}")


def fanout(*names: str, command: str = "uptime", path: str = "") -> Fanout:
    targets = tuple(Target(ref=ref(name), label=f"node {name}", name=name, host=name) for name in names)
    return Fanout("run", Order(targets=targets, command=command, path=path), 0.0)


def said(run: Fanout, name: str, status: int | None = 0, **words: object) -> None:
    run.take(Ran(id=7, ref=ref(name), exit_status=status, **words))  # type: ignore[arg-type]


def resulted(run: Fanout, *, final: bool = False, **states: tuple[str, str]) -> None:
    results = tuple(
        Result(ref=ref(name), label=f"node {name}", state=state, detail=detail)  # type: ignore[arg-type]
        for name, (state, detail) in states.items()
    )
    run.outcome(Outcome(id=7, action="run", results=results, final=final))


def headings(run: Fanout) -> list[str]:
    return [group.heading for group in run.groups()]


def everything() -> Fanout:
    """A run with hosts in every standing there is."""
    run = fanout("web1", "web2", "web3", "web4", "down", "late", "bad", "runs", "next", "never")
    for name in ("web1", "web2", "web4"):
        said(run, name, stdout=b"up\n")
    said(run, "web3", stdout=b"up\nodd\n")
    said(run, "bad", 2, stderr=b"no such file\n")
    said(run, "down", None, error="down: does not answer")
    said(run, "late", None, error="60 s went by", stdout=b"half")
    resulted(
        run,
        down=("failed", "down: does not answer"),
        late=("unknown", "it was begun: 60 s went by"),
        runs=("running", ""),
        never=("refused", "not begun: 2 failed before it, and none may"),
    )
    return run


def test_what_failed_comes_first_then_the_largest() -> None:
    run = everything()
    assert headings(run) == [
        "✕ bad · 1 host · exit status 2",
        "✕ down · 1 host · not reached",
        "? late · 1 host · it was begun: 60 s went by",
        "● web[1-2,4] · 3 hosts · exit status 0",
        "● web3 · 1 host · exit status 0",
        "◌ runs · 1 host · running",
        "⊘ never · 1 host · not begun: 2 failed before it, and none may",
        "○ next · 1 host · its turn has not come",
    ]
    assert run.statuses() == {0: 4, 2: 1}
    assert [run.name(each) for each in run.rest()] == ["bad", "down", "late", "never"]
    assert run.status() == 3


def test_a_group_keeps_its_key_while_hosts_come() -> None:
    run = fanout("b", "a")
    said(run, "b", stdout=b"up")
    before = run.groups()[0].key
    said(run, "a", stdout=b"up")
    assert run.groups()[0].key == before
    assert run.groups()[0].names == "a,b"


def test_hosts_that_are_not_reached_for_the_same_reason_are_one_group_with_each_ones_own_words() -> None:
    run = fanout("web1", "web2", "db1")
    for number, name in enumerate(("web1", "web2"), 1):
        error = f"root@{name}:22: 10.0.0.{number} port 22 refuses the connection"
        said(run, name, None, error=error)
    said(run, "db1", None, error="root@db1:22: 10.0.0.9 port 22 does not answer")
    resulted(run, web1=("failed", ""), web2=("failed", ""), db1=("failed", ""))
    assert headings(run) == ["✕ web[1-2] · 2 hosts · not reached", "✕ db1 · 1 host · not reached"]
    lines = run.lines(run.groups()[0])
    assert "web1: root@web1:22: 10.0.0.1 port 22 refuses" in lines[0]
    assert "web2: root@web2:22: 10.0.0.2 port 22 refuses" in lines[1]


def test_statuses_are_0_then_1_then_3() -> None:
    run = fanout("a", "b")
    said(run, "a")
    said(run, "b")
    assert run.status() == 0
    said(run, "b", 1)
    assert run.status() == 1
    resulted(run, b=("failed", "no route"))
    del run.ran[ref("b")]
    assert run.status() == 3


def test_what_the_plan_refused_was_not_reached() -> None:
    run = fanout("a", "b")
    items = (
        PlanItem(ref=ref("a"), label="node a", where="prod"),
        PlanItem(ref=ref("b"), label="node b", where="prod", refused="there is no address to connect to"),
    )
    run.planned(Plan(id=7, action="run", sentence="", items=items))
    said(run, "a")
    assert run.standing(ref("b")) == ("unreached", "not reached: there is no address to connect to")
    assert run.status() == 3


def test_when_the_engine_is_gone_nobody_knows_of_what_ran() -> None:
    run = everything()
    run.abandon("the engine ended")
    assert run.final
    assert run.standing(ref("runs")) == ("cut", "unknown: the engine ended")


def test_names_that_are_the_same_are_told_apart_by_their_source() -> None:
    targets = tuple(Target(ref=Ref(source, "node", "u"), label="", name="web") for source in ("prod", "test"))
    run = Fanout("run", Order(targets=targets, command="id"), 0.0)
    assert [run.name(each) for each in run.refs] == ["web@prod/node", "web@test/node"]


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        (["web"], ["web"]),
        (["ada@web", "root@web", "db"], ["ada@web", "db", "root@web"]),
        (["web", "web:2222"], ["web", "web:2222"]),
        (["web=10.0.0.1", "web=10.0.0.2"], ["web(10.0.0.1)", "web(10.0.0.2)"]),
        (["ada@web", "ada@web", "ada@web"], [f"web@ssh/host/{number}" for number in range(3)]),
    ],
)
def test_hosts_of_one_source_and_name_are_told_apart_and_so_are_their_files(
    hosts: list[str], names: list[str], tmp_path: Path
) -> None:
    targets = tuple(target(number, text) for number, text in enumerate(hosts))
    run = Fanout("get", Order(targets=targets, path="/etc/motd"), 0.0)
    for number, each in enumerate(targets):
        run.take(Ran(id=7, ref=each.ref, exit_status=0, stdout=str(number).encode()))
    assert [run.name(each) for each in run.refs] == names
    assert sorted(each["host"] for each in run.as_json()) == sorted(names)
    assert save_files(run, tmp_path / "got") == len(hosts)
    assert {path.read_text() for path in tmp_path.rglob("motd")} == {str(n) for n in range(len(hosts))}


def target(number: int, text: str) -> Target:
    user, _, place = text.rpartition("@")
    name, _, address = place.partition("=")
    name, _, port = name.partition(":")
    return Target(
        ref=Ref("ssh", "host", str(number)),
        label="",
        name=name,
        host=address or name,
        user=user,
        port=int(port or 0),
    )


@given(
    st.lists(st.sampled_from(["a", "b", "ada@a", "a:22", "a@ssh/host", "b=a", "a@ssh/host/1~2"]), max_size=9)
)
def test_whatever_they_are_called_no_two_have_the_same_name(hosts: list[str]) -> None:
    targets = [
        msgspec.structs.replace(target(number % 3, "a"), ref=Ref("ssh", "host", f"{number % 3}"), name=text)
        for number, text in enumerate(hosts)
    ]
    names = distinct(list({each.ref: each for each in targets}.values()))
    assert len(set(names.values())) == len(names)


def test_json_tells_what_was_said_unchanged_and_why_nothing_was() -> None:
    told = {each["host"]: each for each in everything().as_json()}
    assert list(told["web3"]) == ["host", "source", "exit_status", "stdout", "stderr", "error", "cut"]
    assert (told["bad"]["exit_status"], told["bad"]["stderr"], told["bad"]["error"]) == (
        2,
        "no such file\n",
        "",
    )
    assert (told["down"]["exit_status"], told["down"]["error"]) == (None, "down: does not answer")
    assert (told["late"]["stdout"], told["late"]["error"]) == ("half", "60 s went by")
    assert told["never"]["error"] == "not begun: 2 failed before it, and none may"


# ---- side by side ------------------------------------------------------------------------------------


def test_where_there_is_room_the_odd_one_stands_beside_what_most_say() -> None:
    run = everything()
    groups = run.groups()
    web3 = next(group for group in groups if group.names == "web3")
    shown = sheet(run, groups, web3, 160)
    left, right = shown.caption.split("│")
    assert "web[1-2,4]" in left
    assert "web3" in right
    assert [line.split("│")[0].strip() for line in shown.lines] == ["up", "≠"]
    assert [line.split("│")[1].strip() for line in shown.lines] == ["up", "odd"]
    assert shown.lit == {1}


def test_in_a_narrow_terminal_it_stands_alone_with_the_lines_lit_that_are_its_own() -> None:
    run = everything()
    groups = run.groups()
    web3 = next(group for group in groups if group.names == "web3")
    shown = sheet(run, groups, web3, 100)
    assert shown.lines == ("  up", "≠ odd")
    assert shown.lit == {1}
    assert "not so on web[1-2,4]" in shown.caption


def test_the_one_that_most_agree_on_stands_beside_the_first_other() -> None:
    run = everything()
    groups = run.groups()
    most = next(group for group in groups if group.names == "web[1-2,4]")
    shown = sheet(run, groups, most, 200)
    assert "bad" in shown.caption.split("│")[1]
    waiting = next(group for group in groups if group.names == "next")
    assert sheet(run, groups, waiting, 200).lines == ()


# ---- files -------------------------------------------------------------------------------------------


def test_output_is_saved_clean_for_each_host_and_unchanged_in_the_index(tmp_path: Path) -> None:
    run = fanout("web1", "../../etc/passwd", "a/b", "A/B")
    said(run, "web1", stdout=b"\x1b]0;title\x07up\n")
    said(run, "../../etc/passwd", 3, stderr=b"no\n")
    save_output(run, tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["_.._etc_passwd.txt", "index.json", "web1.txt"]
    assert (tmp_path / "out" / "web1.txt").read_text() == "# exit status 0\n␛]0;title␇up\n"
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert {each["host"]: each["stdout"] for each in index}["web1"] == "\x1b]0;title\x07up\n"
    assert [path for path in tmp_path.rglob("*") if path.name == "passwd"] == []


def test_files_of_hosts_stay_below_the_folder(tmp_path: Path) -> None:
    run = fanout("..", "a/b", path="/etc/../../x")
    said(run, "..", stdout=b"1")
    said(run, "a/b", stdout=b"\x00\xff")
    assert save_files(run, tmp_path / "got") == 2
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"got/_/x", "got/a_b/x"}


@given(st.lists(st.text(min_size=1, max_size=200), unique=True, min_size=1, max_size=20))
def test_every_name_becomes_a_file_of_its_own_in_one_folder(names: list[str]) -> None:
    files = file_names(fanout(*names)).values()
    assert len({file.lower() for file in files}) == len(files)
    assert all("/" not in file and file not in ("", ".", "..") and not file.startswith(".") for file in files)
    assert all(len(file.encode()) < 200 for file in files)


def test_a_name_stays_as_it_is_where_it_can() -> None:
    assert safe("ip-10-0-3-17.eu-west-1.compute.internal") == "ip-10-0-3-17.eu-west-1.compute.internal"


# ---- content -----------------------------------------------------------------------------------------


def test_content_goes_a_window_at_a_time() -> None:
    data = bytes(range(256)) * 4096  # four windows
    upload = Upload(3, data)
    got, ended, most = bytearray(), False, 0
    while not ended:
        pieces = list(upload.pieces())
        assert pieces, "it never stands still"
        most = max(most, sum(len(piece.data) for piece in pieces))
        for piece in pieces:
            got += piece.data
            ended = piece.end
            upload.taken(len(piece.data))
    assert bytes(got) == data
    assert most <= WINDOW
    assert list(upload.pieces()) == []


def test_no_content_is_an_end_alone() -> None:
    (piece,) = Upload(3, b"").pieces()
    assert (piece.data, piece.end) == (b"", True)
