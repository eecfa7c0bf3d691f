"""What another policy would have earned, told from what this one did: off-policy evaluation.

Way: journal → :mod:`.logged` (decisions with rewards) → :mod:`.weights` (how much likelier another
policy is to do the same) → :mod:`.estimators` → :mod:`.intervals`; :mod:`.support` refuses to
answer where the log cannot, and :mod:`.evaluate` puts them together. :mod:`.agreement` checks
estimates against a truth that a simulation knows.

An action is the subset of strategies that runs. Their weights in the blend are taken from the log:
a policy that includes alike and weighs otherwise is not told apart.
"""
