"""Who was shown what, and what that tells over time."""
