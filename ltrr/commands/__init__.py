"""The commands of ``ltrr``, one file for each group that belongs together."""
