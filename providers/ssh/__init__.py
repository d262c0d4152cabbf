"""Hosts over SSH: connections that are kept and shared, and the Linux servers behind them."""
