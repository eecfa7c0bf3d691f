"""Ranking: the order of the page, given the candidates of all strategies."""
