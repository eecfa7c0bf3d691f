"""Judgments that nobody made on purpose: from what people looked at and chose, by the journal."""
