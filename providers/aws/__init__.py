"""Amazon EC2: the machines of every account and region that was named."""
