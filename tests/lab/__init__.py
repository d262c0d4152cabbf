"""A real Kubernetes control plane, with nodes and pods that behave, on one plain machine."""
