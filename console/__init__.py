"""The console's side: what a person sees and presses. It holds no credentials."""
