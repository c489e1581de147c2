"""Models and what runs them: encoders, the reader, the cross-encoder."""
