"""Export of chosen cases as a file."""
