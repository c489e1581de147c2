"""Makes what the product ships learned or measured: weights of models, background counts, peaks for 8 bits."""
