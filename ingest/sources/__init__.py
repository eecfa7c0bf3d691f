"""Readers of entities: one protocol, one file a format."""
