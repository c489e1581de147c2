"""Files that people send: what is accepted, where they are kept, and what becomes of them."""
