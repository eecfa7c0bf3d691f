"""From ranked candidates to the order of a page: pure functions, no request is made here."""
