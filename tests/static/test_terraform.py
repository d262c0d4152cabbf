"""Terraform states in both forms: the same machines, bad ones told, nothing secret read."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from providers.contract import Problem
from providers.model import Instance
from providers.static.entry import manifest
from providers.static.machines import MACHINES
from providers.static.reading import entries

FILES = Path(__file__).parent / "files"
STATE, SHOWN = (FILES / name for name in ("terraform.tfstate", "shown.json"))


def machines(text: bytes) -> dict[str, Instance]:
    return {entry.instance.uid: entry.instance for entry in entries(text, "f.tfstate")}


def state(type: str, attributes: dict[str, Any], **more: Any) -> bytes:
    """A state with one resource."""
    instances = [{"attributes": attributes, **more}]
    resource = {"mode": "managed", "type": type, "name": "it", "instances": instances}
    return msgspec.json.encode({"version": 4, "serial": 1, "lineage": "x", "resources": [resource]})


def test_a_state_and_what_show_prints_of_it_are_the_same_machines() -> None:
    assert machines(STATE.read_bytes()) == machines(SHOWN.read_bytes())
    assert len(machines(STATE.read_bytes())) == 7


def test_a_machine_has_its_address_its_id_and_its_tags() -> None:
    found = machines(STATE.read_bytes())
    assert found["i-0a00000000000001"] == Instance(
        uid="i-0a00000000000001",
        name="web-a",
        type="m5.large",
        zone="eu-west-1a",
        lifecycle="spot",
        private_ip="10.0.1.1",
        image="ami-0d9c1a7f4be8a3a52",
        provider_id="aws:///eu-west-1a/i-0a00000000000001",
        tags=(("Name", "web-a"), ("owner", "web-team")),
        observed=False,
        resource='module.web[0].aws_instance.app["a"]',
    )
    assert found["i-0b00000000000001"].public_ip == "203.0.113.7"


def test_modules_and_indexes_are_in_the_address() -> None:
    assert {found.resource for found in machines(SHOWN.read_bytes()).values()} == {
        "aws_instance.bastion",
        'module.web[0].aws_instance.app["a"]',
        'module.web[0].aws_instance.app["b \\"two\\""]',
        "module.web[0].module.cache.aws_instance.node[0]",
        "module.web[0].module.cache.aws_instance.node[1]",
        'module.region["eu"].google_compute_instance.runner',
    }


def test_data_sources_and_other_resources_are_no_machines() -> None:
    names = {found.name for found in machines(STATE.read_bytes()).values()}
    assert not names & {"elsewhere", "main"}


def test_tainted_and_deposed_say_so() -> None:
    found = machines(STATE.read_bytes())
    assert found["i-0c00000000000002"].reason.startswith("tainted")
    assert found["i-0b00000000000000"].reason.startswith("deposed")
    assert found["i-0b00000000000001"].reason == ""


def test_a_machine_without_a_name_is_called_as_its_resource() -> None:
    assert machines(STATE.read_bytes())["i-0c00000000000002"].name == "node[1]"


@pytest.mark.parametrize("path", [STATE, SHOWN])
def test_nothing_sensitive_is_shown(path: Path) -> None:
    found = {entry.instance.uid: entry for entry in entries(path.read_bytes(), "f.tfstate")}
    shown = "".join(map(manifest, found.values()))
    assert "hunter2" not in shown + repr(found)
    assert "I2Nsb3Vk" not in shown, "user data"
    assert found["i-0a00000000000002"].instance.tags == (), (
        "its owner is marked sensitive, so not all are known"
    )
    assert "owner" not in manifest(found["i-0a00000000000002"])


def test_what_is_sensitive_may_be_anywhere() -> None:
    def steps(*path: str | int) -> list[dict[str, Any]]:
        first, *rest = path
        return [
            {"type": "get_attr", "value": first},
            *({"type": "index", "value": {"value": each}} for each in rest),
        ]

    attributes = {"name": "n", "project": "p", "zone": "z", "network_interface": [{"network_ip": "10.0.0.1"}]}
    text = state(
        "google_compute_instance",
        attributes,
        sensitive_attributes=[steps("network_interface", 0, "network_ip"), steps("nothing", 3, "here")],
    )
    (found,) = machines(text).values()
    assert (found.private_ip, found.provider_id) == ("", "gce://p/z/n")
    (whole,) = machines(state("aws_instance", {"id": "i-1"}, sensitive_attributes=[[]])).values()
    assert whole.uid == "aws_instance.it"


def test_a_manifest_says_what_is_declared() -> None:
    found = {entry.instance.uid: entry for entry in entries(STATE.read_bytes(), "/srv/f.tfstate")}
    text = manifest(found["i-0c00000000000002"])
    assert "resource: module.web[0].module.cache.aws_instance.node[1]" in text
    assert "file: /srv/f.tfstate" in text
    assert "state: 'tainted: the next apply replaces it'" in text
    assert "instance_type: r6g.large" in text


def test_tags_like_credentials_are_withheld_from_the_manifest() -> None:
    tags = {"db_password": "hunter2", "note": "token=abc123"}
    (entry,) = entries(state("aws_instance", {"id": "i-1", "tags": tags}), "f")
    assert "hunter2" not in manifest(entry)
    assert "abc123" not in manifest(entry)


def test_hostile_attributes_are_cleaned() -> None:
    tags = {"Name": "\x1b[2J\u202e[red]", "k\u2028": "v\x9b"}
    (entry,) = entries(state("aws_instance", {"id": "i-1\x00", "tags": tags}, index_key="a\x1b"), "f")
    instance = entry.instance
    for text in (instance.uid, instance.name, instance.resource, *sum(instance.tags, ()), manifest(entry)):
        assert not {"\x1b", "\u202e", "\u2028", "\x9b", "\x00"} & set(text)
    assert "[red]" in instance.name


def test_tags_of_a_spot_request_are_not_those_of_its_instance() -> None:
    (found,) = machines(
        state("aws_spot_instance_request", {"spot_instance_id": "i-1", "tags": {"Name": "n"}})
    ).values()
    assert (found.uid, found.name, found.lifecycle, found.tags) == ("i-1", "n", "spot", ())


def test_one_machine_at_two_addresses_is_two_rows() -> None:
    top = msgspec.json.decode(state("aws_instance", {"id": "i-1"}))
    top["resources"].append({**top["resources"][0], "name": "again"})
    assert set(machines(msgspec.json.encode(top))) == {"i-1", "aws_instance.again"}


@pytest.mark.parametrize(
    ("type", "attributes", "provider_id", "zone"),
    [
        ("aws_instance", {"id": "i-1", "availability_zone": "a"}, "aws:///a/i-1", "a"),
        (
            "aws_spot_instance_request",
            {"id": "sir-1", "spot_instance_id": "i-1", "availability_zone": "a"},
            "aws:///a/i-1",
            "a",
        ),
        (
            "azurerm_linux_virtual_machine",
            {"id": "/subscriptions/s/vm", "location": "westeurope", "zone": "1"},
            "azure:///subscriptions/s/vm",
            "westeurope-1",
        ),
        ("azurerm_windows_virtual_machine", {"id": "/subscriptions/s/vm"}, "azure:///subscriptions/s/vm", ""),
        (
            "azurerm_virtual_machine",
            {"id": "/subscriptions/s/vm", "location": "westeurope", "zones": ["2"]},
            "azure:///subscriptions/s/vm",
            "westeurope-2",
        ),
        ("digitalocean_droplet", {"id": "31", "region": "ams3"}, "digitalocean://31", "ams3"),
        ("google_compute_instance", {"project": "p", "zone": "z-b", "name": "n"}, "gce://p/z-b/n", "z-b"),
        ("hcloud_server", {"id": "42", "datacenter": "fsn1-dc14"}, "hcloud://42", "fsn1-dc14"),
        ("linode_instance", {"id": "77", "region": "eu-west"}, "linode://77", "eu-west"),
        (
            "openstack_compute_instance_v2",
            {"id": "6f-1", "availability_zone": "nova"},
            "openstack:///6f-1",
            "nova",
        ),
        ("vsphere_virtual_machine", {"id": "4217-a"}, "vsphere://4217-a", ""),
    ],
)
def test_each_type_of_machine_has_the_id_that_its_node_carries(
    type: str, attributes: dict[str, Any], provider_id: str, zone: str
) -> None:
    (found,) = machines(state(type, attributes)).values()
    assert (found.provider_id, found.zone) == (provider_id, zone)


def test_every_type_is_in_the_table_above() -> None:
    (mark,) = test_each_type_of_machine_has_the_id_that_its_node_carries.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in mark.args[1]} == set(MACHINES)


@pytest.mark.parametrize(
    "text", [b'{"format_version": "1.0"}', b'{"version": 4, "lineage": "x", "resources": []}']
)
def test_a_state_of_nothing_declares_nothing(text: bytes) -> None:
    assert machines(text) == {}


@pytest.mark.parametrize(
    ("text", "told", "remedy"),
    [
        (b'{"version": 3, "modules": []}', "a Terraform state of version 3; understood: 4", "terraform show"),
        (b'{"version": 5, "resources": []}', "of version 5; understood: 4", "terraform show"),
        (b'{"version": "4", "lineage": ""}', "of version '4'", "terraform show"),
        (b'{"format_version": "2.0"}', "format_version '2.0'; understood: 1.x", "Terraform 1.1"),
        (
            b'{"format_version": "1.2", "planned_values": {}}',
            "a Terraform plan, not a state",
            "without a plan",
        ),
        (
            b'{"serial": 1, "meta": {}, "encrypted_data": "aGk=", "encryption_version": "v0"}',
            "an encrypted OpenTofu state",
            "tofu show -json",
        ),
        (
            b'{"version": 4, "resources": [{"type": 5}]}',
            "not as Terraform writes a state",
            "terraform state pull",
        ),
        (
            b'{"format_version": "1.0", "values": 7}',
            "not as Terraform writes a state",
            "terraform state pull",
        ),
        (
            state("aws_instance", {}).replace(b"{}", b"[]"),
            "aws_instance.it: Expected `object | null`",
            "again",
        ),
    ],
)
def test_what_is_no_such_state_is_told(text: bytes, told: str, remedy: str) -> None:
    with pytest.raises(Problem) as problem:
        machines(text)
    assert problem.value.detail.startswith("f.tfstate")
    assert told in problem.value.detail
    assert remedy in problem.value.remedy


@pytest.mark.parametrize("path", [STATE, SHOWN])
def test_a_state_cut_off_anywhere_is_a_problem(path: Path) -> None:
    text = path.read_bytes().rstrip()
    for length in range(len(text)):
        with pytest.raises(Problem, match=r"f\.tfstate") as problem:
            machines(text[:length])
        assert problem.value.remedy


@pytest.mark.parametrize("path", [STATE, SHOWN])
@pytest.mark.parametrize("wrong", [b"\xff", b'"', b"[", b"-1"])
def test_a_state_that_is_damaged_is_read_or_a_problem(path: Path, wrong: bytes) -> None:
    text = path.read_bytes()
    for at in range(0, len(text), 13):
        with contextlib.suppress(Problem):
            entries(text[:at] + wrong + text[at + 1 :], "f.tfstate")
