"""The append-only log of decisions, pages, feedback and controls: the only truth."""
