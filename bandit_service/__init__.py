"""The sidecar and everything that learns."""
