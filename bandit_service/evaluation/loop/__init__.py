"""Simulated sessions over recordings: the code that serves and learns, without a node.

traffic (who asks what, when) → world (production's stations from `choose` on) → people (who choose)
→ journal → production's fold → what is served next.
"""
