"""Whom a file says it is for: the words that state an access group, in lines and in tables."""
