"""Pictures of every screen, made from the real console on a simulated fleet that stands still."""
