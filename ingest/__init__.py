"""Brings entities into OpenSearch, each with its embedding and its predicted queries."""
