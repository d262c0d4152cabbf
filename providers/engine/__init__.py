"""Runs providers and serves the console."""
