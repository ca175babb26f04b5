"""The workshop: builders of training data, trainers, and what they learned. The server runs none of it."""
