"""Looks at somebody's data and writes an assets folder for it: profile → guess → write."""
