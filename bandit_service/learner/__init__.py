"""The learner: a pure fold over the journal, and what carries its state to and fro."""
