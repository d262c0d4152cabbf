"""Every form of a provider id in use, who writes it, and the machine it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.provider_ids import machine_key

AZURE = "azure:///subscriptions/6f1a/resourceGroups/{group}/providers/Microsoft.Compute/{rest}"
AZURE_KEY = "azure:subscriptions/6f1a/resourcegroups/mc_web/providers/microsoft.compute/"
UUID = "3c6e0b8a-9c15-424a-8a4d-1f2b3c4d5e6f"

FORMS = [
    # What is written, the key, and by whom (repository, and where in it).
    ("aws:///eu-west-1b/i-0abc1234def567890", "aws:i-0abc1234def567890", "cloud-provider-aws instances.go"),
    ("aws://eu-west-1b/i-0abc1234def567890", "aws:i-0abc1234def567890", "cloud-provider-aws instances.go"),
    ("aws:////i-0abc1234", "aws:i-0abc1234", "cloud-provider-aws instances.go"),
    ("i-0abc1234def567890", "aws:i-0abc1234def567890", "cloud-provider-aws instances.go: bare"),
    (
        "aws:///us-west-2b/0f3a9b-task/fargate-ip-192-168-1-7.us-west-2.compute.internal",
        "fargate:0f3a9b-task/fargate-ip-192-168-1-7.us-west-2.compute.internal",
        "cloud-provider-aws variant/fargate/fargate.go",
    ),
    ("eks-hybrid:///eu-west-1/prod/mi-0abc123", "hybrid:mi-0abc123", "eks-hybrid nodeadm kubelet/config.go"),
    ("eks-hybrid:///us-east-2/prod/i-0a5ec", "aws:i-0a5ec", "an instance of another region, joined by hand"),
    ("eks-hybrid:///eu-west-1/prod/rack-7", "hybrid:eu-west-1/prod/rack-7", "the same, IAM Roles Anywhere"),
    (
        AZURE.format(group="mc_web", rest="virtualMachines/vm-0"),
        AZURE_KEY + "virtualmachines/vm-0",
        "cloud-provider-azure azure_wrap.go: the group in lower case",
    ),
    (
        AZURE.format(group="MC_Web", rest="virtualMachineScaleSets/aks-np1-vmss/virtualMachines/3"),
        AZURE_KEY + "virtualmachinescalesets/aks-np1-vmss/virtualmachines/3",
        "the same: a scale set's, uniform",
    ),
    (
        AZURE.format(group="MC_Web", rest="virtualMachines/aks-np1-flex_1a2b").removeprefix("azure://"),
        AZURE_KEY + "virtualmachines/aks-np1-flex_1a2b",
        "the resource id itself, of a flexible scale set, as state files have it",
    ),
    (
        "gce://shop-prod/europe-west1-b/gke-0",
        "gce:shop-prod/europe-west1-b/gke-0",
        "cloud-provider-gcp gce_util.go",
    ),
    (f"openstack:///{UUID}", f"openstack:{UUID}", "cloud-provider-openstack instances.go"),
    (f"openstack://RegionOne/{UUID}", f"openstack:{UUID}", "the same, with OS_CCM_REGIONAL"),
    (
        "vsphere://422e4956-ad22-1139-6d72-59cc8f26bc90",
        "vsphere:422e4956-ad22-1139-6d72-59cc8f26bc90",
        "cloud-provider-vsphere util.go",
    ),
    (
        "vsphere://422E4956-AD22-1139-6D72-59CC8F26BC90",
        "vsphere:422e4956-ad22-1139-6d72-59cc8f26bc90",
        "the same: lowered there",
    ),
    (
        "vsphere://56492e42-22ad-3911-6d72-59cc8f26bc90",
        "vsphere:422e4956-ad22-1139-6d72-59cc8f26bc90",
        "the same: the firmware's byte order",
    ),
    ("digitalocean://3164444", "digitalocean:3164444", "digitalocean-cloud-controller-manager droplets.go"),
    ("hcloud://42", "hcloud:42", "hcloud-cloud-controller-manager providerid.go"),
    ("hrobot://321", "hrobot:321", "the same, dedicated servers"),
    ("hcloud://bm-321", "hrobot:321", "the same, as syself's fork wrote it"),
    (
        "ocid1.instance.oc1.iad.aaaa",
        "oci:ocid1.instance.oc1.iad.aaaa",
        "oci-cloud-controller-manager util.go: bare",
    ),
    (
        "oci://ocid1.instance.oc1.iad.aaaa",
        "oci:ocid1.instance.oc1.iad.aaaa",
        "the same: a prefix is taken off",
    ),
    (
        "cn-hangzhou.i-v98dklsmnxkkgiiil7",
        "alicloud:cn-hangzhou.i-v98dklsmnxkkgiiil7",
        "cloud-provider-alibaba-cloud: bare",
    ),
    ("alicloud://cn-hangzhou.i-v98d", "alicloud:cn-hangzhou.i-v98d", "the same, with its prefix"),
    ("alicloud://cn-hangzhou/i-v98d", "alicloud:cn-hangzhou.i-v98d", "Cluster API for Alibaba Cloud"),
    ("ibm://fee1dead///c0ffee/kube-c0ffee-w1", "ibm:kube-c0ffee-w1", "cloud-provider-ibm ibm_instances.go"),
    (
        "ibmvpc://prod/eu-de-1/worker-0",
        "ibmvpc:prod/eu-de-1/worker-0",
        "OpenShift's machine-api for IBM, before that",
    ),
    ("ibmcloud:////98765", "ibmcloud:98765", "Cluster API for IBM's classic machines"),
    (
        "ibmpowervs://osa/osa21/3229a94c/809cd0f2",
        "ibmpowervs:809cd0f2",
        "cluster-api-provider-ibmcloud, form 2",
    ),
    ("ibmpowervs://prod/worker-0", "ibmpowervs:prod/worker-0", "the same, form 1: names"),
    ("linode://30815203", "linode:30815203", "linode-cloud-controller-manager common.go"),
    (f"vultr://{UUID}", f"vultr:{UUID}", "vultr-cloud-controller-manager instancesv2.go"),
    (
        f"scaleway://instance/fr-par-1/{UUID}",
        f"scaleway:{UUID}",
        "scaleway-cloud-controller-manager",
    ),
    (f"scaleway://{UUID}", f"scaleway:{UUID}", "the same: the id alone"),
    (f"upcloud:////{UUID}", f"upcloud:{UUID}", "UpCloud's cloud-controller-manager"),
    (f"equinixmetal://{UUID}", f"equinix:{UUID}", "cloud-provider-equinix-metal devices.go"),
    (f"packet://{UUID}", f"equinix:{UUID}", "the same, under its old name"),
    (f"metal3://{UUID}", f"metal3:{UUID}", "cluster-api-provider-metal3: the host's uid"),
    (f"metal3:////{UUID}", f"metal3:{UUID}", "the provider before it"),
    (
        "metal3://metal3/host-7/worker-2",
        "metal3:metal3/host-7/worker-2",
        "the same: namespace, host and machine",
    ),
    ("proxmox://rack-1/104", "proxmox:rack-1/104", "none of the above: whole"),
    ("rack-7.example.org", "rack-7.example.org", "an inventory: whole"),
]

ONLY_NAMES = [
    ("kind://docker/kind/kind-worker", "kind's kubelet flags"),
    ("k3s://ip-172-31-16-232", "k3s's own cloud controller"),
    ("rke2://worker-0", "the same in RKE2"),
    ("kwok://node-000001", "Karpenter's provider for kwok, and most examples"),
    ("kwok:////node-000001", "Cluster API for kwok"),
    ("kwok:kwok-fake-1", "cluster-autoscaler's kwok_helpers.go"),
    ("k0s-cloud-provider://worker-0", "k0s's own cloud controller"),
    ("minikube://profile/m02", "Cluster API for minikube"),
    ("docker:////capi-md-0-8vh7l", "Cluster API for containers: the container is called as the node"),
]


@pytest.mark.parametrize(("written", "key", "by"), FORMS, ids=[form[0] for form in FORMS])
def test_names_a_machine(written: str, key: str, by: str) -> None:
    assert machine_key(written) == key
    assert machine_key(f" {written}\n") == key


@pytest.mark.parametrize(("written", "by"), ONLY_NAMES, ids=[form[0] for form in ONLY_NAMES])
def test_repeats_the_node_s_name(written: str, by: str) -> None:
    assert machine_key(written) is None


@pytest.mark.parametrize("written", ["", " ", "aws://", "aws:///", "://", "/", "kind://", "vsphere:// "])
def test_says_nothing(written: str) -> None:
    assert machine_key(written) is None


@given(
    st.one_of(
        st.text(), st.builds("{}://{}".format, st.sampled_from(["aws", "vsphere", "azure", "x"]), st.text())
    )
)
def test_nothing_written_fails(written: str) -> None:
    key = machine_key(written)
    assert key is None or key
