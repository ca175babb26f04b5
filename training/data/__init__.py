"""Deterministic builders of training data from public histories and sources, with one card for each set."""
