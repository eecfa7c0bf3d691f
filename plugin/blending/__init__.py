"""Blending: what the strategies brought, joined into one list."""
