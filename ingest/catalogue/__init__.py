"""Turns a folder of readable lines into entities, as its ``catalogue.toml`` says.

Nothing here knows what the entities are about. ``examples/music/FORMAT.md`` describes the format.
"""
