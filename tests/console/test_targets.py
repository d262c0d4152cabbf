"""Where a shell goes, from the configuration and from what is known of the object (S3, S4)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from console.config import Config, ConfigError, parse
from console.fleet import Fleet, Item
from console.targets import Rules, RulesError, target_of
from providers.model import About, Instance, LinuxHost, Node, Pod, Ref, SourceInfo, Target, Upserts
from providers.stream import Frame

NODE = Node(
    uid="n1",
    name="ip-10-0-3-17",
    internal_ip="10.0.3.17",
    external_ip="203.0.113.9",
    provider_id="aws:///eu-west-1b/i-0abc1234def567890",
    labels="team=shop,zone=b",
)
CLOUD = Instance(
    uid="i-0abc1234def567890",
    name="worker",
    state="running",
    private_ip="10.0.3.17",
    provider_id="aws:///eu-west-1b/i-0abc1234def567890",
    tags=(("Name", "worker"), ("login", "ops"), ("evil", "-oProxyCommand=touch /tmp/x")),
)


def items(*objects: tuple[str, Any]) -> dict[str, Item]:
    """Those objects in a fleet, each in the source named before it, by uid."""
    fleet = Fleet()
    for source, obj in objects:
        provider = "kubernetes" if source == "prod" else "aws"
        info = SourceInfo(name=source, provider=provider, cluster="prod" if source == "prod" else "")
        fleet.apply(Frame(1.0, source, About(info)))
        fleet.apply(Frame(1.0, source, Upserts((obj,))))
    fleet.take()
    found = (fleet.item(Ref(source, obj.__struct_config__.tag, obj.uid)) for source, obj in objects)
    return {item.obj.uid: item for item in found if item is not None}


def target(item: Item, text: str = "") -> Target:
    return target_of(item, Rules(parse(text, "f.toml"), lambda: 0.0))


def test_a_node_is_reached_by_its_internal_address_and_known_by_its_instance() -> None:
    both = items(("prod", NODE), ("cloud", CLOUD))
    found = target(both["n1"])
    assert (found.host, found.alias, found.why_not) == ("10.0.3.17", CLOUD.uid, "")
    assert found.machine == Ref("cloud", "instance", CLOUD.uid)
    assert found.label == "node ip-10-0-3-17"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("internal", "10.0.3.17"),
        ("private", "10.0.3.17"),
        ("public", "203.0.113.9"),
        ("external", "203.0.113.9"),
        ("name", "ip-10-0-3-17"),
        ("id", CLOUD.uid),
        ("{tag:Name}.corp.example.com", "worker.corp.example.com"),
        ("{name}.{label:team}.example.com", "ip-10-0-3-17.shop.example.com"),
    ],
)
def test_the_address_is_chosen_or_made(address: str, host: str) -> None:
    both = items(("prod", NODE), ("cloud", CLOUD))
    assert target(both["n1"], f'[ssh]\naddress = "{address}"').host == host


def test_a_host_key_is_filed_under_the_instance_only_where_addresses_are_reused() -> None:
    both = items(("prod", NODE), ("cloud", CLOUD))
    assert target(both["n1"], '[ssh]\naddress = "name"').alias == ""
    assert target(both[CLOUD.uid]).alias == CLOUD.uid


def test_the_name_that_a_cloud_makes_of_an_address_is_reused_with_it() -> None:
    named = msgspec.structs.replace(CLOUD, dns="ec2-203-0-113-9.eu-west-1.compute.amazonaws.com")
    found = target(items(("cloud", named))[CLOUD.uid], '[ssh]\naddress = "dns"')
    assert (found.host, found.alias) == (named.dns, CLOUD.uid)


def test_what_is_not_known_is_said() -> None:
    one = items(("prod", NODE))["n1"]
    found = target(one, '[ssh]\naddress = "{tag:Name}"')
    assert "nothing is known for {tag:Name}" in found.why_not
    assert "`address`" in found.remedy
    assert "tag:Name of the object" in found.remedy
    assert "it has no ipv6 address" in target(one, '[ssh]\naddress = "ipv6"').why_not


@pytest.mark.parametrize("key", ["address", "user", "jump"])
def test_a_tag_can_not_become_an_option(key: str) -> None:
    one = items(("cloud", CLOUD))[CLOUD.uid]
    value = '["{tag:evil}"]' if key == "jump" else '"{tag:evil}"'
    found = target(one, f"[ssh]\n{key} = {value}")
    assert "-oProxyCommand" in found.why_not
    assert f"`{key}`" in found.remedy
    assert "tag:evil" in found.remedy
    assert (found.host, found.user, found.jump) == ("", "", ())


def test_rules_add_what_they_say_to_the_machines_that_they_are_on() -> None:
    both = items(("prod", NODE), ("cloud", CLOUD))
    text = """
[ssh]
user = "ada"
port = 2222
[clusters.prod]
user = "core"
[[reach]]
on = "tag:login"
user = "{tag:login}"
[[reach]]
on = "name:ip-10-*"
prefer = ["ssm", "ssh"]
jump = ["bastion.{label:team}.example.com"]
"""
    node, cloud = target(both["n1"], text), target(both[CLOUD.uid], text)
    assert (node.user, node.port, node.prefer) == ("ops", 0, ("ssm", "ssh"))
    assert node.jump == ("bastion.shop.example.com",)
    assert (cloud.user, cloud.port, cloud.prefer) == ("ops", 2222, ())


def test_hosts_of_a_list_keep_what_the_list_says() -> None:
    host = LinuxHost(uid="h", name="db", address="192.0.2.7", user="dba", port=2200)
    found = target(items(("cloud", host))["h"])
    assert (found.host, found.user, found.port, found.alias) == ("192.0.2.7", "dba", 2200, "")
    named = LinuxHost(uid="h2", name="db-2")
    assert target(items(("cloud", named))["h2"]).host == "db-2"


def test_a_pod_needs_no_address() -> None:
    pod = items(("prod", Pod(uid="p", namespace="shop", name="api", node="n")))["p"]
    found = target(pod, '[[reach]]\non = "ns:shop"\nprefer = ["exec"]')
    assert (found.label, found.why_not, found.prefer) == ("pod shop/api", "", ("exec",))


@pytest.mark.parametrize(
    ("text", "keys", "words"),
    [
        ('[ssh]\naddress = "intranet"', ("ssh", "address"), "there is no address 'intranet'"),
        ('[ssh]\nuser = "{tagg:x}"', ("ssh", "user"), "{tagg:x} is not known"),
        ('[clusters.a]\njump = ["{nam}"]', ("clusters", "a", "jump"), "{nam} is not known"),
        ('[[reach]]\non = "nope>3"\n', ("reach", "on"), "nope"),
    ],
)
def test_a_mistake_names_its_place(text: str, keys: tuple[str, ...], words: str) -> None:
    with pytest.raises(RulesError) as caught:
        Rules(parse(text, "f.toml"), lambda: 0.0)
    assert caught.value.keys == keys
    assert words in str(caught.value)


def test_a_rule_without_a_filter_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match=r"reach.*`on`"):
        parse('[[reach]]\nuser = "x"\n', "f.toml")
    assert Config().reach == ()
