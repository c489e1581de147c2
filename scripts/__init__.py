"""What developers run: installation, tests, sample documents and training."""
