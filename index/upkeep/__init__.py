"""Maintain an index: check it and name the command that repairs it; back it up into one file and restore it."""
