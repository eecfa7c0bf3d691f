"""The demo: everything from nothing to a page that learns, and a proof that it does."""
