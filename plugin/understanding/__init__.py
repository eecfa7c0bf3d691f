"""What a query means: the first station of the way of a query.

Text → words, language, readings of the words with likelihoods, intents. The words that can be
understood come from the index: ``following`` keeps one file per host in step with it (``source``
reads the entities, ``gathering`` makes phrases of them, ``building`` and ``layout`` the file), and
every process maps that file (``vocabulary``). ``matching`` finds phrases in a query and ``reader``
weighs them.
"""

from plugin.understanding.normalise import memory_key, normalise
from plugin.understanding.reading import Understanding, understand

__all__ = ["Understanding", "memory_key", "normalise", "understand"]
