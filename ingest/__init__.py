"""From a file to a Document: its text, its items and the passages that can be cited."""

READING = 2
"""Raise it when files are read otherwise than before: the next sync then reads all of them again."""
