"""In which network a cluster lies, as its exactly joined nodes tell: its other nodes are looked for there."""

from __future__ import annotations

from collections import defaultdict

from console.item import Item
from console.joins.addresses import Addresses, address_in
from console.joins.counts import Counts


class Cluster:
    """A source with nodes: the networks of those joined exactly, and those whose id names no machine."""

    __slots__ = ("located", "nameless", "network", "networks")

    def __init__(self) -> None:
        self.located: dict[Item, str] = {}
        self.networks = Counts()
        self.nameless: dict[Item, str] = {}
        self.network = ""
        """The one that all located nodes lie in; "" where none is known, or more than one."""


class Clusters:
    """Every cluster with a node that is located or nameless."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._clusters: defaultdict[str, Cluster] = defaultdict(Cluster)

    def locate(self, node: Item, network: str) -> None:
        """A node is joined exactly to an instance in that network; "" to none, or to who knows where."""
        cluster = self._clusters[node.ref.source]
        before = cluster.located.get(node, "")
        if before == network:
            self._forget_empty(node.ref.source, cluster)
            return
        if network:
            cluster.located[node] = network
        else:
            del cluster.located[node]
        if cluster.networks.move(before, network):
            self._settle(node.ref.source, cluster)

    def add_nameless(self, node: Item, ip: str) -> None:
        """A node that names no machine has that address; "" is none."""
        if not ip:
            return
        cluster = self._clusters[node.ref.source]
        cluster.nameless[node] = ip
        if cluster.network:
            self._addresses.add_node(node, address_in(cluster.network, ip))

    def remove_nameless(self, node: Item, ip: str) -> None:
        """It is gone, is named now, or has another address."""
        if not ip:
            return
        cluster = self._clusters[node.ref.source]
        del cluster.nameless[node]
        if cluster.network:
            self._addresses.remove_node(node, address_in(cluster.network, ip))
        self._forget_empty(node.ref.source, cluster)

    def _settle(self, source: str, cluster: Cluster) -> None:
        """Look for the nameless where the cluster lies now."""
        before = cluster.network
        networks = cluster.networks.words()
        cluster.network = next(iter(networks)) if len(networks) == 1 else ""
        if cluster.network != before:
            for node, ip in cluster.nameless.items():
                if before:
                    self._addresses.remove_node(node, address_in(before, ip))
                if cluster.network:
                    self._addresses.add_node(node, address_in(cluster.network, ip))
        self._forget_empty(source, cluster)

    def _forget_empty(self, source: str, cluster: Cluster) -> None:
        if not cluster.located and not cluster.nameless:
            del self._clusters[source]
