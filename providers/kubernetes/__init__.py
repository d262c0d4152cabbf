"""Provider of Kubernetes clusters: `provider` is all that others need of it."""

from providers.kubernetes.provider import provider

__all__ = ["provider"]
