"""What is taken from the user's ssh configuration, by `ssh -G` and by our own reader alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from providers.contract import Problem
from providers.model import Ref, Target
from providers.ssh.configuration import Configuration
from providers.ssh.endpoint import Endpoint
from providers.ssh.routes import Routes

BY = pytest.mark.parametrize("by", ["ssh", "reader"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    return tmp_path


async def resolve(
    home: Path, monkeypatch: pytest.MonkeyPatch, by: str, text: str, **words: object
) -> Endpoint:
    if by == "reader":
        monkeypatch.setenv("PATH", str(home))
    path = home / ".ssh" / "config"
    path.write_text(text)
    target = Target(ref=Ref("x", "host", "1"), label="host web", options=("-F", str(path)), **words)  # type: ignore[arg-type]
    return await Routes(Configuration()).to(target)


@BY
async def test_the_keys_that_are_taken(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    text = """
    Host other
      User nobody
    Host web db !bad
      HostName %h.Example.org
      User = ada
      Port 2222
      IdentityFile ~/.ssh/%r-%n
      IdentityFile /keys/second
      CertificateFile %d/cert.pub
      HostKeyAlias the-web
      IdentitiesOnly yes
      IdentityAgent none
      HashKnownHosts yes
      UserKnownHostsFile none
      RemoteCommand touch /tmp/x
    Host *
      User late
      Port 1
    """
    end = await resolve(home, monkeypatch, by, text, host="web")
    assert (end.address, end.user, end.port, end.alias) == ("web.example.org", "ada", 2222, "the-web")
    assert end.identities == (f"{home}/.ssh/ada-web", "/keys/second")
    assert end.certificates == (f"{home}/cert.pub",)
    assert (end.identities_only, end.agent, end.hash_names, end.strict) == (True, "", True, False)
    assert end.known_hosts[0] == f"{home}/.ssh/known_hosts"
    assert not end.forward_agent


@BY
async def test_the_targets_words_win(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    text = "Host web\n User ada\n Port 2222\n HostKeyAlias a\n ProxyJump elsewhere\n"
    end = await resolve(
        home, monkeypatch, by, text,
        host="web", user="eve", port=7, alias="i-1", jump=("bob@gate:23",), key="~/k", forward_agent=True,
    )  # fmt: skip
    assert (end.user, end.port, end.alias, end.key, end.forward_agent) == ("eve", 7, "i-1", f"{home}/k", True)
    assert end.via is not None
    assert (end.via.name, end.via.user, end.via.port, end.via.lent) == ("gate", "bob", 23, f"{home}/k")
    assert not end.via.forward_agent


@BY
async def test_every_hop_has_its_own_settings(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    text = """
    Host web
      ProxyJump one,bob@two:23
    Host one
      HostName one.example.org
      User first
      ProxyJump zero
    Host two
      HostName two.example.org
      User second
      ProxyJump not-this
    """
    end = await resolve(home, monkeypatch, by, text, host="web")
    hops = []
    while end.via:
        end = end.via
        hops.append((end.address, end.user, end.port))
    assert [hop[0] for hop in hops] == ["two.example.org", "one.example.org", "zero"]
    assert (hops[0][1:], hops[1][1]) == (("bob", 23), "first")


@BY
async def test_a_jump_for_every_host_is_none_for_the_bastion(
    home: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    end = await resolve(home, monkeypatch, by, "Host *\n ProxyJump gate\n", host="web")
    assert end.via is not None
    assert (end.via.address, end.via.via) == ("gate", None)


@BY
async def test_hops_in_a_circle(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    with pytest.raises(Problem, match="in a circle"):
        await resolve(home, monkeypatch, by, "Host a\n ProxyJump b\nHost b\n ProxyJump a\n", host="a")


@BY
async def test_a_proxy_command_is_not_run(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    for command in ("nc %h %p", f"touch {home}/ran", "ssh gate nc %h %p", "ssh -W %h:%p -oProxyCommand=x"):
        with pytest.raises(Problem, match="ProxyCommand, which is not run"):
            await resolve(home, monkeypatch, by, f"Host *\n ProxyCommand {command}\n", host="web")
    assert not (home / "ran").exists()


@BY
async def test_a_proxy_command_that_is_a_jump(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    for command in (
        "ssh -W %h:%p bob@gate",
        "/usr/bin/ssh -q bob@gate -W [%h]:%p",
        "exec ssh -x -W %h:%p bob@gate",
    ):
        text = f"Host web\n ProxyCommand {command}\n"
        end = await resolve(home, monkeypatch, by, text, host="web")
        assert end.via is not None
        assert (end.via.address, end.via.user) == ("gate", "bob")


@pytest.mark.parametrize("by", ["ssh", "reader"])
@pytest.mark.parametrize(
    "match", ['exec "touch {home}/ran"', '!exec "touch {home}/ran"', "host web exec 'touch {home}/ran'"]
)
async def test_match_exec_is_never_run(
    home: Path, monkeypatch: pytest.MonkeyPatch, by: str, match: str
) -> None:
    (home / ".ssh" / "more").write_text(f"Match {match.format(home=home)}\n User eve\nHost *\n Port 23\n")
    text = "Include more\nHost *\n User ada\n"
    end = await resolve(home, monkeypatch, by, text, host="web")
    assert (end.user, end.port) == ("ada", 23)
    assert not (home / "ran").exists()


@BY
async def test_lines_that_are_not_understood(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    text = (
        "NoSuchKey x\nMatch version x\n User eve\nHost web\n Port '22\nHost *\n SessionType none\n User ada\n"
    )
    end = await resolve(home, monkeypatch, by, text, host="web")
    assert end.user == "ada"


async def test_an_include_ends_with_its_own_host_lines(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".ssh" / "inner").write_text("Host other\n Port 1\n")
    text = "Host web\n Include inner\n User ada\nHost other\n Include inner\n"
    end = await resolve(home, monkeypatch, "reader", text, host="web")
    assert (end.user, end.port) == ("ada", 22)


@BY
async def test_a_host_name_that_is_none(home: Path, monkeypatch: pytest.MonkeyPatch, by: str) -> None:
    with pytest.raises(Problem, match="its HostName in the ssh configuration is no host name"):
        await resolve(home, monkeypatch, by, "Host web\n HostName -oProxyCommand=x\n", host="web")
