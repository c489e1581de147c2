"""The audit: what each caller was shown, and reports on usage over time."""
