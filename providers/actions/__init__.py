"""What can be done to objects: one action a file."""
