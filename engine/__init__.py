"""Language models in this process: weights, conversion, sessions, decoding, lanes."""
