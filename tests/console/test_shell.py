"""The argument list for ssh: never a shell, `--` before the host, and no host that is an option (S3)."""

import os
import signal
import subprocess
import sys

import pytest

from console.config import Config, Ssh
from console.shell import NoWayError, keys_lent, ssh_arguments
from providers.model import Node


def node(**values: str) -> Node:
    return Node(uid="u", **{"name": "n1", "internal_ip": "10.0.0.1", **values})


def test_address_user_and_port_come_from_the_configuration() -> None:
    config = Config(ssh=Ssh(user="ops", port=2222, options=("-o", "LogLevel=ERROR")))
    arguments = ssh_arguments(node(), "prod", config)
    assert arguments[0] == "ssh"
    assert arguments[-2:] == ["--", "10.0.0.1"]
    assert arguments[arguments.index("-l") + 1] == "ops"
    assert arguments[arguments.index("-p") + 1] == "2222"
    assert "-a" in arguments
    assert "-A" not in arguments


def test_a_cluster_has_its_own_way() -> None:
    config = Config(clusters={"prod": Ssh(address="external")})
    assert ssh_arguments(node(external_ip="203.0.113.9"), "prod", config)[-1] == "203.0.113.9"


def test_an_engine_elsewhere_is_the_jump_host() -> None:
    arguments = ssh_arguments(node(), "prod", Config(), via="ada@bastion")
    assert arguments[arguments.index("-J") + 1] == "ada@bastion"


@pytest.mark.parametrize(
    "host", ["-oProxyCommand=x", "x;touch F", "$(id)", "", "a b", "..", "[::1]", "10.0.0.1\n"]
)
def test_S3_a_host_that_is_not_one_is_refused(host: str) -> None:
    with pytest.raises(NoWayError):
        ssh_arguments(node(internal_ip=host), "prod", Config())


@pytest.mark.parametrize("user", ["-oProxyCommand=x", "ops\n", "", "a b"])
def test_S3_a_user_or_a_jump_host_that_is_none_is_refused(user: str) -> None:
    with pytest.raises(NoWayError):
        ssh_arguments(node(), "prod", Config(), via=f"{user}@bastion")
    with pytest.raises(NoWayError):
        ssh_arguments(node(), "prod", Config(), via=f"ada@bastion{user or '@'}\n")
    if user:
        with pytest.raises(NoWayError):
            ssh_arguments(node(), "prod", Config(ssh=Ssh(user=user)))


def test_a_user_may_have_a_domain_but_a_destination_has_one_sign() -> None:
    assert "ada@example.org" in ssh_arguments(node(), "p", Config(ssh=Ssh(user="ada@example.org")))
    with pytest.raises(NoWayError):
        ssh_arguments(node(), "p", Config(), via="ada@example.org@bastion")


def test_a_missing_address_says_which_there_are() -> None:
    with pytest.raises(NoWayError, match=r"has no external address.*internal 10\.0\.0\.1"):
        ssh_arguments(node(), "p", Config(ssh=Ssh(address="external")))


def test_ctrl_c_is_the_lent_programs_alone() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with keys_lent():
        os.kill(os.getpid(), signal.SIGINT)
        child = subprocess.run(
            [sys.executable, "-c", "import signal; print(signal.getsignal(2))"],
            check=True,
            capture_output=True,
        )
    assert b"default_int_handler" in child.stdout
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
