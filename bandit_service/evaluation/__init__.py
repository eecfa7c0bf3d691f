"""Judging what is learnt: simulated people, and measures."""
