"""Machines that a file or a command's JSON declares: inventories and Terraform states."""
