"""Chosen cases as a file; how a file was read, as a page."""
