"""What can happen in a simulated cluster: stories told step by step (see providers.demo.life)."""
