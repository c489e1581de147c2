"""Text prepared for comparison: folded, cut into tokens and words, and their IDF."""
