"""Text as it is compared: folded, cut into tokens and words, and how rare these are."""
