"""What a query means, as far as its text tells: the first station of the way of a query."""

from plugin.understanding.normalise import memory_key, normalise
from plugin.understanding.reading import Understanding, understand

__all__ = ["Understanding", "memory_key", "normalise", "understand"]
