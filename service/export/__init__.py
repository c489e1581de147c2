"""Chosen cases as a file to take along."""
