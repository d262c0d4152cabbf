"""The system's ssh with the user's own configuration, and with checks of host keys that nothing weakens."""
