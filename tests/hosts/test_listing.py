"""Which hosts there are: names written short, the ssh configuration with its Includes."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.contract import Problem
from providers.ssh.aliases import Aliases
from providers.ssh.brackets import expanded
from providers.ssh.listing import Login, Written


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("web", ["web"]),
        ("web[1-3].example.org", ["web1.example.org", "web2.example.org", "web3.example.org"]),
        ("db[01-02,9]", ["db01", "db02", "db9"]),
        ("r[1-2]u[08-09]", ["r1u08", "r1u09", "r2u08", "r2u09"]),
        ("[2001:db8::1]:22", ["[2001:db8::1]:22"]),
        ("a[]", ["a[]"]),
    ],
)
def test_names_are_written_short(text: str, names: list[str]) -> None:
    assert expanded(text) == names


@pytest.mark.parametrize("text", ["a[0-999999999]", "a[1-100][1-100]", "a[1-999][1-999][1-999]"])
def test_too_many_are_refused_before_they_are_made(text: str) -> None:
    with pytest.raises(Problem, match="more than 4,096 hosts"):
        expanded(text)


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("web", "dee", "web", 2200),
        ("ada@web:22", "ada", "web", 22),
        ("ada@corp@web", "ada@corp", "web", 2200),
        ("[2001:db8::1]:222", "dee", "2001:db8::1", 222),
        ("2001:db8::1", "dee", "2001:db8::1", 2200),
        ("web:", "dee", "web", 2200),
    ],
)
async def test_a_host_is_written_as_ssh_takes_it(text: str, user: str, host: str, port: int) -> None:
    login = Login(user="dee", port=2200, key="~/k", jump=("bastion",))
    [wanted] = await Written("ssh", [text], [], login).read()
    target = wanted.target
    assert (wanted.uid, target.user, target.host, target.port) == (text, user, host, port)
    assert (target.key, target.jump) == ("~/k", ("bastion",))


def test_the_ssh_configuration_names_hosts_through_its_includes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".ssh"
    (folder / "config.d").mkdir(parents=True)
    (folder / "config").write_text(
        "Host *.corp !x\n  User a\n# Host commented\nhost=alpha beta\nHOST \"gamma\" -evil 'a;b' be?a\n"
        "Include config.d/* none.conf\nMatch host zeta\n  User b\nInclude config\nHost alpha\n"
        'Host "unclosed\n'
    )
    (folder / "config.d" / "10").write_text("Host delta\n\tPort 22\n")
    (folder / "config.d" / "20").write_text(f"Include {tmp_path}/other\n")
    (tmp_path / "other").write_text("Host = epsilon\n")
    assert Aliases("~/.ssh/config").names() == ["alpha", "beta", "gamma", "delta", "epsilon"]
    with pytest.raises(Problem, match=r"gone: No such file"):
        Aliases(str(tmp_path / "gone")).names()
