"""Puts the helpers of this room on the path."""
