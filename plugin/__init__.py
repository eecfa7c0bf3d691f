"""Makes an OpenSearch cluster retrieve by strategies. Knows nothing of learning."""
