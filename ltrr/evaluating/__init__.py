"""Datasets with judgments, on a node of their own: loaded, recorded, and made into worlds."""
