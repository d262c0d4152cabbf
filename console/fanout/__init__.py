"""One order on many hosts: followed, folded and saved, and given on the command line. None of it draws."""

KINDS = ("node", "instance", "host")
"""What an order can be carried out on."""
