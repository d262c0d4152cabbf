"""Providers of the simulated fleet."""
