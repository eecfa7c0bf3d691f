"""The HTTP side of the sidecar: parse, one call, render."""
