"""Who gets in, from where, how often and how much at a time; and what a refusal looks like."""
