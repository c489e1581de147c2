"""What turns text into numbers: encoders, the reader, the cross-encoder, and what runs them."""
