"""Make the index mirror a folder: what becomes of each file, batches for the encoder, words; corrections made and undone."""
