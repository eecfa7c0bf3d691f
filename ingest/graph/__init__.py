"""What occurs together, as vectors: relations between entities, and what people chose together."""
