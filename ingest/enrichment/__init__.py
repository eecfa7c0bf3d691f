"""What is computed from an entity before it is stored: its vector and its predicted queries."""
