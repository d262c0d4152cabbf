"""The engine's side: the only code that talks to clusters, clouds and hosts."""
