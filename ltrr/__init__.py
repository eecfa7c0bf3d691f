"""The way in: the command line, the settings, and the wiring of the parts."""
