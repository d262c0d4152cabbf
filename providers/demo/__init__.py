"""The simulated fleet: seeded, so that the same options make the same fleet, and alive unless frozen."""

from providers.demo.provider import provider

__all__ = ["provider"]
