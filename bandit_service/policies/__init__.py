"""How a query's strategies are chosen: value models, the Explorer, and the baselines."""
