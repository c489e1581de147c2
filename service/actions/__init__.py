"""The actions that callers request and the JSON forms of their results, the same on every interface."""
