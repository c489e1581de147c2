"""From a file to a Document: its text, its items and the passages that can be cited."""
