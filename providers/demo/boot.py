"""What a simulated machine printed while it booted."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from providers.model import Instance, Node

_KERNEL = """\
Linux version 6.12.58 (builder@demo) #1 SMP PREEMPT_DYNAMIC
Command line: BOOT_IMAGE=/boot/vmlinuz root=UUID=5b1e7c9d ro console=tty0 console=ttyS0,115200n8
BIOS-provided physical RAM map:
DMI: Amazon EC2 {type}/, BIOS 1.0 10/16/2017
tsc: Detected 2899.998 MHz processor
Booting paravirtualized kernel on KVM
random: crng init done
pci 0000:00:04.0: [1d0f:8061] type 00 class 0x010802 PCIe Endpoint
nvme nvme0: pci function 0000:00:04.0
nvme0n1: p1 p14 p15
ena 0000:00:05.0: ENA device version: 0.10
ena 0000:00:05.0 eth0: Local page cache is disabled for less than 16 channels
EXT4-fs (nvme0n1p1): mounted filesystem with ordered data mode
systemd[1]: Detected virtualization amazon.
systemd[1]: Hostname set to <{host}>."""
_SERVICES = """\
[  OK  ] Reached target Local File Systems.
[  OK  ] Started Network Time Service.
[  OK  ] Reached target Network is Online.
cloud-init[712]: Cloud-init running 'modules:final' at {when}. Up {up:.2f} seconds.
ci-info: | eth0 | True | {address} | 255.255.192.0 | global |"""
_NODE = """\
[  OK  ] Started containerd container runtime.
kubelet[1103]: "Kubelet version" kubeletVersion="{version}"
kubelet[1103]: "Attempting to register node" node="{node}"
kubelet[1103]: "Successfully registered node" node="{node}"
[  OK  ] Reached target Multi-User System."""


def boot_log(instance: Instance, node: Node | None) -> str:
    """The same text for the same boot of the same machine; "" while it has not printed anything."""
    if instance.launched is None or instance.state == "pending":
        return ""
    rng = Random(f"{instance.uid}/{instance.launched}")
    host = f"ip-{instance.private_ip.replace('.', '-')}"
    lines, up = [], 0.0
    for line in _KERNEL.format(type=instance.type, host=host).splitlines():
        lines.append(f"[{up:12.6f}] {line}")
        up += rng.uniform(0.001, 0.4)
    when = datetime.fromtimestamp(instance.launched + up, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    lines += _SERVICES.format(when=when, up=up, address=instance.private_ip).splitlines()
    if node is not None:
        lines += _NODE.format(version=node.version, node=node.name).splitlines()
    return "\n".join([*lines, "", f"{host} login: "])
