"""Uploaded files: which are accepted, where they are stored, and what becomes of them."""
