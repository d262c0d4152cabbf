"""Nobody reaches a cluster's API server for a while. It lives on, unseen."""

from __future__ import annotations

from providers.demo.life import Story
from providers.demo.world import Cluster

SECONDS = 20.0


def unreachable(cluster: Cluster) -> Story:
    """The API server does not answer for SECONDS."""
    cluster.cut_off(f"dial tcp 10.{cluster.place.octet}.0.4:6443: i/o timeout")
    yield SECONDS
    cluster.cut_off("")
