"""Rules: what people decided about pages by hand, applied beside what is learnt."""
